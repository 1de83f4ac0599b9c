using System.Diagnostics;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Whole runs on a machine whose clock is wrong, is set, or was set between two of them.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ClockTests()
    {
        Assert.SkipWhen(FakeTime.WhyNot is not null, FakeTime.WhyNot ?? "");
        folder.Write("quick.yaml", Specs.Quick());
        folder.Write("long.yaml", Specs.Long());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_of_hours_by_the_clock_ends_as_one_of_seconds()
    {
        await using var fast = await SparseGridProcess.RunUnder(FakeTime.Rate("+0 x3600"), folder.Path, "run", "quick.yaml", "--folder", "fast", "--json");
        Assert.True(fast.ExitCode == 0, $"{fast.ExitCode}\n{fast.Error}");
        Assert.Equal(await Artifacts("quick.yaml", "undisturbed"), new SweepRun(fast.Document).Artifacts);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_and_ahead_during_a_run_changes_neither_artifacts_nor_the_time_shown()
    {
        var clock = folder.Write("clock", "+0\n");
        var watch = Stopwatch.StartNew();
        await using var run = SparseGridProcess.StartUnder(FakeTime.Offset(clock), folder.Path, "run", "long.yaml", "--folder", "moved");
        await run.Until(() => run.Output.Contains("dense: train started"), "the training started");
        folder.Write("clock", "-30d\n");
        await run.Until(() => run.Output.Contains("epochs, top-1"), "the training went on");
        folder.Write("clock", "+400d\n");
        await run.Ended();

        Assert.True(run.ExitCode == 0, $"{run.ExitCode}\n{run.Error}");
        Assert.Matches(@"long: 1 of 1 trial finished \(0 reused\), 0 failed, \d?\d:\d\d\n", run.Output);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(4), $"took {watch.Elapsed}: something waited for the clock");
        Assert.Equal(await Artifacts("long.yaml", "undisturbed"), await Artifacts("long.yaml", "moved"));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_after_a_kill_holds_up_nothing()
    {
        await using (var killed = SparseGridProcess.Start(folder.Path, "run", "long.yaml", "--folder", "killed"))
        {
            await killed.Until(() => killed.Output.Contains("dense: train started"), "the training started");
            killed.Signal("KILL");
            await killed.Ended();
        }

        await using var next = await SparseGridProcess.RunUnder(
            FakeTime.Offset(folder.Write("clock", "-2d\n")), folder.Path, "run", "long.yaml", "--folder", "killed", "--json");
        Assert.True(next.ExitCode == 0, $"{next.ExitCode}\n{next.Error}");
        Assert.Equal(await Artifacts("long.yaml", "undisturbed"), new SweepRun(next.Document).Artifacts);
    }

    private async Task<IReadOnlyList<string>> Artifacts(string spec, string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", spec, "--folder", grid, "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }
}
