using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>What a sweep finds that an earlier one left: served where it is whole, made again where it is not.</summary>
public sealed class ReuseTests
{
    [Theory]
    [InlineData("missing", 3, 2)] // Seen when the sweep begins: the finished variant makes it again.
    [InlineData("damaged", 4, 1)] // Seen when it is read: the new variant makes it again.
    public async Task A_stage_whose_artifact_is_lost_runs_again(string how, int trialsReused, int collectsReused)
    {
        await using var grid = await TestGrid.Start();
        var collected = await Collected(grid);
        var file = new FolderArtifactStore(grid.Folder).Locate(collected.Artifacts["histograms"]);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        if (how == "missing")
            File.Delete(file);
        else
            await File.WriteAllBytesAsync(file, [.. bytes[..^1], 0], TestContext.Current.CancellationToken);

        await grid.Sweep("two").Submit(Specs.Tree("two", "max", "mse"));
        var status = await Until.Ended(grid.Sweep("two"));

        Assert.Equal((6, trialsReused, 0), (status.Finished, status.Reused, status.Failed));
        Assert.Equal((1, collectsReused), (status.StagesExecuted["collect"], status.StagesReused["collect"]));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(collected.Artifacts, (await grid.Grains.GetGrain<IStageGrain>(collected.Key).Record())!.Artifacts);
    }

    [Fact]
    public async Task Checkpoints_that_a_kill_left_behind_a_committed_stage_are_dropped_when_it_is_served()
    {
        await using var grid = await TestGrid.Start();
        var collected = await Collected(grid);
        var checkpoints = new FolderCheckpointStore(grid.Folder);
        checkpoints.Save(collected.Key, 1, "half"u8);

        await grid.Sweep("two").Submit(Specs.Tree("two", "max", "mse"));
        await Until.Ended(grid.Sweep("two"));

        Assert.Null(checkpoints.Latest(collected.Key));
    }

    [Fact]
    public async Task Predictions_and_latencies_of_another_machine_are_not_served_and_trained_weights_are()
    {
        await using var grid = await TestGrid.Start();
        await Collected(grid);
        var (trained, evaluated, measured) = (grid.Runner.Count("train"), grid.Runner.Count("evaluate"), grid.Runner.Count("measure"));

        grid.Surroundings.DeviceFingerprint = "machine 2";
        await grid.Sweep("one").Submit(Specs.Tree("one", "max"));
        await Until.Ended(grid.Sweep("one"));

        Assert.Equal((trained, 2 * evaluated, 2 * measured), (grid.Runner.Count("train"), grid.Runner.Count("evaluate"), grid.Runner.Count("measure")));
    }

    /// <summary>Runs a small sweep and gives the record of its first collect stage.</summary>
    private static async Task<StageRecord> Collected(TestGrid grid)
    {
        await grid.Sweep("one").Submit(Specs.Tree("one", "max"));
        await Until.Ended(grid.Sweep("one"));
        return (await grid.Sweep("one").Rows(0, 10)).SelectMany(row => row.Result!.Stages).First(stage => stage.Kind == "collect");
    }
}
