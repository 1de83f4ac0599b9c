using System.Collections.Immutable;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Kills;

/// <summary>A sweep of a user's own network, killed again and again: it ends with the artifacts of an undisturbed one.</summary>
public sealed class ImportedKillTests : IDisposable
{
    private const int Killed = 128 + 9;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_from_the_loading_of_the_file_on_it_ends_with_the_same_artifacts()
    {
        folder.Write("own.yaml", $$"""
            sweep: own
            seed: 7
            model: { file: "{{ImportedFixture.Model}}" }
            data: { format: digits-csv, path: "{{Repository.Digits}}", normalize: { mean: 0.306, std: 0.377 } }
            variants:
              dense: { train: { epochs: 1, learning_rate: 0.005 } }
              sparse: { permute: { search: exhaustive-8, escapes: 0 }, finetune: { epochs: 1, learning_rate: 0.01 } }
              qat: { from: sparse, calibrate: { images: 256 }, finetune: { epochs: 1, learning_rate: 0.002 } }
            measure: { latency: { warmup: 2, runs: 10 } }
            """);
        foreach (var point in new[] { "committed:load:0", "saved:train:2", "put:permute:1", "saved:finetune:1", "step:qat:0.5" })
        {
            await using var run = SparseGridProcess.StartToDie(
                point, folder.Path, "run", "own.yaml", "--folder", "grid", "--set", "Checkpoints:Steps=4", "--set", "Checkpoints:Interval=01:00:00", "--set", "Checkpoints:CostShare=1");
            await run.Ended();
            Assert.True(run.ExitCode == Killed, $"{point} ended with exit code {run.ExitCode}, not {Killed}.\n{run.Output}\n{run.Error}");
        }

        Assert.Equal(await Artifacts("undisturbed"), await Artifacts("grid"));
    }

    private async Task<ImmutableArray<string>> Artifacts(string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "own.yaml", "--folder", grid, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        return new SweepRun(run.Document).Artifacts;
    }
}
