using System.Diagnostics;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Kills;

/// <summary>What a machine does besides, and how many variants it runs at once, shows in no artifact: the spec fixes the threads of each.</summary>
public sealed class SameSeedTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>One thread a slot; two as well where SPARSEGRID_LONG is 1, because more threads than processors wait for each other most of the time.</summary>
    public static TheoryData<int> Threads => LongRun.Asked ? [1, 2] : [1];

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task Slots_and_busy_processors_change_no_artifact(int threads)
    {
        folder.Write("descent.yaml", Specs.Descent(rates: "0.1, 0.05", threads));
        var quiet = await Artifacts(slots: 1);
        Assert.Equal(8, quiet.Count(artifact => artifact.Contains(" · export · onnx ")));

        using var spinning = new Spinning(Math.Max(1, Environment.ProcessorCount / 2));
        Assert.Equal(quiet, await Artifacts(slots: 2));
        Assert.Equal(quiet, await Artifacts(slots: 3));
    }

    private async Task<IReadOnlyList<string>> Artifacts(int slots)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "descent.yaml", "--folder", $"slots-{slots}", "--slots", $"{slots}", "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }

    /// <summary>Processes that keep processors busy until this is disposed.</summary>
    private sealed class Spinning : IDisposable
    {
        private readonly Process[] processes;

        public Spinning(int count) =>
            processes = [.. Enumerable.Range(0, count).Select(_ => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while :; do :; done"]))!)];

        public void Dispose()
        {
            foreach (var process in processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }
}
