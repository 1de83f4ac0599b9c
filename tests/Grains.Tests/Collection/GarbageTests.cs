using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Collection;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Collection;

public sealed class GarbageTests
{
    private static readonly TimeSpan NoAge = TimeSpan.Zero;

    [Fact]
    public async Task After_a_sweep_nothing_is_garbage()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        await Ended(grid, Specs.Tree("whole", "max", "mse"));

        Assert.Empty(Collector(grid).Delete(NoAge, keepStale: true));
        Assert.Empty(Collector(grid).Delete(NoAge, keepStale: false));
        await Verify(grid, "whole", 6);
    }

    [Fact]
    public async Task Of_a_spec_that_was_changed_before_it_had_a_result_only_what_nothing_else_needs_is_deleted()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<ExportStage>(hold);
        var sweep = grid.Sweep("changed");
        var spec = Specs.Tree("changed", "max");
        await sweep.Submit(spec);
        await Until.True(() => grid.Runner.Count("export") == 1);
        await sweep.Stop(null);
        await Until.Ended(sweep);

        // Stopped, not given up: its weights and its checkpoint save work.
        Assert.Empty(Collector(grid).Survey(NoAge, keepStale: true).Garbage);

        hold.Set();
        await Ended(grid, spec with { Seed = 2 });
        var survey = Collector(grid).Survey(NoAge, keepStale: true);
        Assert.Equal([GarbageReason.StageOfNoSweep, GarbageReason.Checkpoint], survey.Garbage.Select(file => file.Reason));

        Assert.Equal(survey.Garbage, Collector(grid).Delete(NoAge, keepStale: true));
        Assert.DoesNotContain(survey.Garbage, file => File.Exists(file.Path));
        Assert.Empty(Collector(grid).Delete(NoAge, keepStale: true));
        await Verify(grid, "changed", 4);

        // The records are there still; what they name is made again.
        await Ended(grid, spec);
        await Verify(grid, "changed", 4);
    }

    [Fact]
    public async Task Results_of_a_changed_spec_or_a_forgotten_sweep_are_given_up_only_where_that_is_asked_for()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        var spec = Specs.Tree("old", "max");
        await Ended(grid, spec);
        await Ended(grid, spec with { Seed = 2 });
        await Ended(grid, Specs.Tree("other", "max"));
        Assert.Empty(Collector(grid).Survey(NoAge, keepStale: true).Garbage);
        Assert.Empty(Reachability.Of(grid.Storage.All(), keepStale: true).StaleResults);

        Assert.True((await grid.Sweep("old").Forget()).Accepted);

        var needed = Reachability.Of(grid.Storage.All(), keepStale: true);
        Assert.Equal((4, 1), (needed.StaleResults.Count, needed.Sweeps));
        Assert.Empty(Collector(grid).Delete(NoAge, keepStale: true));
        foreach (var result in needed.StaleResults.Keys)
            await grid.Grains.GetGrain<IResultGrain>(result).Forget();
        Assert.NotEmpty(Collector(grid).Delete(NoAge, keepStale: false));
        await Verify(grid, "other", 4);
        Assert.Equal(SweepState.Unknown, (await grid.Sweep("old").Status()).State);
        Assert.Equal(["other"], await grid.Grains.GetGrain<ISweepIndexGrain>(0).Names());
        await Ended(grid, spec with { Seed = 2 });
        await Verify(grid, "old", 4);
    }

    [Fact]
    public async Task A_result_that_was_forgotten_through_one_silo_is_made_again_by_a_sweep_on_another_that_remembers_it()
    {
        await using var grid = await TestGrid.Start(slots: 2, silos: 2);
        var spec = Specs.Tree("remembered", "max");
        await Ended(grid, spec);
        await Verify(grid, "remembered", 4);
        await Ended(grid, spec with { Seed = 2 });
        var stale = Reachability.Of(grid.Storage.All(), keepStale: true).StaleResults.Keys.ToArray();
        Assert.Equal(4, stale.Length);
        var coordinator = await grid.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grid.Sweep("remembered"), TestContext.Current.CancellationToken);
        var other = grid.Cluster.Silos.Single(silo => !silo.SiloAddress.Equals(coordinator)).SiloAddress;
        var remembering = grid.Cluster.GetSiloServiceProvider(coordinator!).GetRequiredService<ResultIndex>();
        foreach (var result in stale)
            await grid.Cluster.GetSiloServiceProvider(other).GetRequiredService<ResultIndex>().Forget(result);

        // Where files are younger than the age that garbage must have, they are there still: only the records tell that nothing is done.
        Assert.All(await remembering.Get(stale), Assert.NotNull);
        await Ended(grid, spec);

        await Verify(grid, "remembered", 4);
        Assert.Equal(stale.Order(StringComparer.Ordinal), grid.Storage.All().Where(record => record.Kind == "result").Select(record => record.Key).Intersect(stale).Order(StringComparer.Ordinal));
        Assert.Equal(4, Reachability.Of(grid.Storage.All(), keepStale: true).StaleResults.Count);
    }

    [Fact]
    public async Task A_sweep_that_is_under_way_is_not_forgotten()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("busy");
        await sweep.Submit(Specs.Tree("busy", "max"));

        Assert.Contains("cannot be forgotten; stop it first", (await sweep.Forget()).Reason);
        Assert.Contains("There is no sweep 'none'", (await grid.Sweep("none").Forget()).Reason);
        hold.Set();
        await Until.Ended(sweep);
    }

    [Fact]
    public async Task Files_that_no_record_names_go_once_they_are_old_and_files_of_others_never_do()
    {
        await using var grid = await TestGrid.Start();
        await Ended(grid, Specs.Tree("files", "max"));
        var store = new FolderArtifactStore(grid.Folder);
        var stray = store.Locate(store.Put("stray"u8));
        var torn = Path.Combine(grid.Folder, "artifacts", "ab", $"{new string('a', 64)}.123.tmp");
        Directory.CreateDirectory(Path.GetDirectoryName(torn)!);
        File.WriteAllText(torn, "half");
        new FolderCheckpointStore(grid.Folder).Save(new('c', 64), 3, "checkpoint"u8);
        var foreign = Path.Combine(grid.Folder, "artifacts", "notes.txt");
        File.WriteAllText(foreign, "mine");

        Assert.Empty(Collector(grid).Delete(TimeSpan.FromHours(1), keepStale: true));
        Assert.Equal(3, Collector(grid).Survey(TimeSpan.FromHours(1), keepStale: true).Young.Length);
        var deleted = new GarbageCollector(grid.Folder, grid.Storage.All, new LaterClock(TimeSpan.FromHours(2))).Delete(TimeSpan.FromHours(1), keepStale: true);

        Assert.Equal([GarbageReason.NamedByNoRecord, GarbageReason.Checkpoint, GarbageReason.HalfWritten], deleted.Select(file => file.Reason!.Value).Order());
        Assert.False(File.Exists(stray) || File.Exists(torn) || Directory.Exists(Path.Combine(grid.Folder, "checkpoints", new('c', 64))));
        Assert.True(File.Exists(foreign));
        await Verify(grid, "files", 4);
    }

    [Theory]
    [InlineData("stage", """{"Schema":1,"Record":5}""")]
    [InlineData("result", "not json")]
    [InlineData("sweep", """{"Schema":99}""")]
    public async Task A_record_that_cannot_be_read_is_named_and_nothing_is_deleted(string kind, string payload)
    {
        await using var grid = await TestGrid.Start();
        var stray = new FolderArtifactStore(grid.Folder).Locate(new FolderArtifactStore(grid.Folder).Put("stray"u8));
        grid.Storage.Put(kind, GrainId.Create(kind, "strange"), Encoding.UTF8.GetBytes(payload));

        var refused = Assert.Throws<InvalidDataException>(() => Collector(grid).Delete(NoAge, keepStale: true));

        Assert.StartsWith($"The {kind} record strange cannot be read (", refused.Message);
        Assert.True(File.Exists(stray));
    }

    [Fact]
    public async Task An_artifact_that_a_silo_wants_while_it_is_put_aside_is_taken_back()
    {
        await using var grid = await TestGrid.Start();
        var store = new FolderArtifactStore(grid.Folder);
        string[] hashes = [store.Put("held"u8), store.Put("put again"u8), store.Put("read"u8), store.Put("unwanted"u8)];
        Age(grid);
        var reads = 0;
        var collector = new GarbageCollector(
            grid.Folder,
            () =>
            {
                // The second time everything lies aside.
                if (++reads == 2)
                {
                    Assert.DoesNotContain(hashes, hash => File.Exists(store.Locate(hash)));
                    Assert.True(store.Holds(hashes[0]));
                    Assert.Equal(hashes[1], store.Put("put again"u8));
                    Assert.Equal("read"u8, store.Get(hashes[2]));
                }

                return grid.Storage.All();
            },
            TimeProvider.System);

        var deleted = collector.Delete(TimeSpan.FromMinutes(10), keepStale: true);

        Assert.Equal(store.Locate(hashes[3]), Assert.Single(deleted).Path);
        Assert.Equal([true, true, true, false], hashes.Select(store.Holds));
    }

    [Fact]
    public async Task An_artifact_that_is_used_between_the_survey_and_the_deletion_stays()
    {
        await using var grid = await TestGrid.Start();
        var store = new FolderArtifactStore(grid.Folder);
        var hash = store.Put("used"u8);
        Age(grid);
        var reads = 0;
        var collector = new GarbageCollector(
            grid.Folder,
            () =>
            {
                // Before anything is put aside, but after the records were read.
                if (++reads == 1)
                    return grid.Storage.All();

                File.SetLastWriteTimeUtc(Path.Combine(grid.Folder, "artifacts", "aside", hash), DateTime.UtcNow);
                return grid.Storage.All();
            },
            TimeProvider.System);

        Assert.Empty(collector.Delete(TimeSpan.FromMinutes(10), keepStale: true));
        Assert.True(File.Exists(store.Locate(hash)));
    }

    [Fact]
    public async Task What_a_collection_that_was_killed_had_put_aside_is_there_for_the_next()
    {
        await using var grid = await TestGrid.Start();
        await Ended(grid, Specs.Tree("killed", "max"));
        var store = new FolderArtifactStore(grid.Folder);
        var needed = (await grid.Sweep("killed").Rows(0, 1))[0].Result!.Stages[0].Artifacts["weights"];
        var aside = Path.Combine(grid.Folder, "artifacts", "aside");
        Directory.CreateDirectory(aside);
        File.Move(store.Locate(needed), Path.Combine(aside, needed));

        Assert.Empty(Collector(grid).Delete(NoAge, keepStale: true));

        Assert.True(File.Exists(store.Locate(needed)));
    }

    [Fact]
    public async Task Collections_that_run_all_the_time_disturb_no_sweep()
    {
        await using var grid = await TestGrid.Start(slots: 3);
        using var done = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
                Collector(grid).Delete(TimeSpan.FromSeconds(30), keepStale: true);
        }, TestContext.Current.CancellationToken);
        var spec = Specs.Tree("beside", "max", "mse", "entropy") with { Replicates = 3 };

        await Ended(grid, spec);
        await done.CancelAsync();
        await collecting;

        await Verify(grid, "beside", 24);
        Assert.Equal(grid.Runner.Runs.Count, grid.Runner.Runs.Select(run => run.Key).Distinct().Count());
    }

    private static GarbageCollector Collector(TestGrid grid) => new(grid.Folder, grid.Storage.All, TimeProvider.System);

    private static void Age(TestGrid grid)
    {
        foreach (var file in Directory.EnumerateFiles(grid.Folder, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
    }

    private static async Task Ended(TestGrid grid, SweepSpec spec)
    {
        var sweep = grid.Sweep(spec.Sweep);
        Assert.True((await sweep.Submit(spec)).Accepted);
        Assert.Equal(SweepState.Finished, (await Until.Ended(sweep)).State);
    }

    private static async Task Verify(TestGrid grid, string sweep, int trials)
    {
        var rows = await grid.Sweep(sweep).Rows(0, 500);
        Assert.Equal(trials, rows.Length);
        var store = new FolderArtifactStore(grid.Folder);
        Assert.All(rows.SelectMany(row => row.Result!.Stages).SelectMany(stage => stage.Artifacts.Values), hash => Assert.True(store.Holds(hash)));
    }

    private sealed class LaterClock(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + later;
    }
}
