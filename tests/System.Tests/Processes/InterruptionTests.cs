using System.Globalization;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Runs that are stopped or killed in the middle of training, and gone on with.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public InterruptionTests() => folder.Write("long.yaml", Specs.Long());

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_killed_run_goes_on_and_makes_the_artifacts_of_an_undisturbed_one()
    {
        await using (var killed = SparseGridProcess.Start(folder.Path, "run", "long.yaml", "--folder", "killed"))
        {
            await InTraining(killed);
            killed.Signal("KILL");
            await killed.Ended();
            Assert.Equal(137, killed.ExitCode);
        }
        Assert.Equal(await Artifacts("undisturbed"), await Artifacts("killed"));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_first_signal_stops_with_a_checkpoint_and_the_same_command_goes_on(string signal)
    {
        SkipWhereIgnored(signal);
        await using (var stopped = SparseGridProcess.Start(folder.Path, "run", "long.yaml", "--folder", "stopped"))
        {
            await InTraining(stopped);
            stopped.Signal(signal);
            await stopped.Ended();
            Assert.Equal(6, stopped.ExitCode);
            Assert.Contains("Stopped: 0 finished trials and the checkpoints of what ran are kept in stopped.", stopped.Output);
            Assert.EndsWith("Go on with: sparsegrid run long.yaml --folder stopped", stopped.Output.TrimEnd());
            Assert.Empty(stopped.Error);
        }
        Assert.Equal(await Artifacts("undisturbed"), await Artifacts("stopped"));
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        await using var run = SparseGridProcess.Start(folder.Path, "run", "long.yaml");
        await InTraining(run);
        run.Signal("TERM");
        await run.Until(() => run.Output.Contains("Stopping: "), "the first signal was seen");
        run.Signal("TERM");
        await run.Ended();

        // Where writing the checkpoint was quicker than the second signal, the sweep has stopped in order.
        Assert.Contains(run.ExitCode, new[] { 130, 6 });
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_in_one_line()
    {
        await using var first = SparseGridProcess.Start(folder.Path, "run", "long.yaml");
        await InTraining(first);
        await using var second = await SparseGridProcess.Run(folder.Path, "run", "long.yaml");
        Assert.Equal(2, second.ExitCode);
        Assert.Matches(@"\.sparsegrid is in use by process \d+\. ", Assert.Single(second.ErrorLines));
    }

    private static Task InTraining(SparseGridProcess process) => process.Until(() => process.Output.Contains("dense: train started"), "the training started");

    private async Task<IReadOnlyList<string>> Artifacts(string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "long.yaml", "--folder", grid, "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }

    /// <summary>A shell that starts a job in the background lets it ignore SIGINT, and so do its children.</summary>
    private static void SkipWhereIgnored(string signal)
    {
        const string Field = "SigIgn:";
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        Assert.SkipWhen(signal == "INT" && (ulong.Parse(ignored, NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) & 2) != 0, "SIGINT is ignored here.");
    }
}
