using Microsoft.Extensions.Time.Testing;
using SparseGrid.Console.Progress;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Progress;

public sealed class PlainProgressTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => output.Dispose();

    private static RunningVariant Running(string stage, double done, double top1 = double.NaN, double? left = null) =>
        new(Id(0), "dense", "silo-1", stage, done, 30, "epochs", top1, left is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    private static SweepStatus Active(params RunningVariant[] variants) =>
        Status(SweepState.Active, waiting: 3 - variants.Length, running: variants.Length, finished: 0, variants: variants);

    [Fact]
    public void Writes_a_line_when_a_stage_starts_and_when_it_ends()
    {
        var progress = new PlainProgress(output, clock);
        progress.Update(Active(Running("train", 0)));
        clock.Advance(TimeSpan.FromSeconds(3));
        progress.Update(Active(Running("export", 0)));
        clock.Advance(TimeSpan.FromSeconds(1));
        progress.Update(Status(SweepState.Active, waiting: 2, finished: 1));
        Assert.Equal(
            "[0:00] dense: train started\n[0:03] dense: train ended after 0:03\n[0:03] dense: export started\n"
            + "[0:04] dense: export ended after 0:01; 1 of 3 done, 0 running, 0 reused, 0 failed, 2 left\n",
            output.ToString());
    }

    [Fact]
    public void Says_how_far_a_stage_is_at_most_every_five_seconds()
    {
        var progress = new PlainProgress(output, clock);
        progress.Update(Active(Running("train", 0)));
        for (var second = 1; second <= 11; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            progress.Update(Active(Running("train", second, 0.9352, 30 - second)));
        }
        Assert.Equal(
            "[0:00] dense: train started\n[0:05] dense: train 5/30 epochs, top-1 93.52 %, 0:25 left\n[0:10] dense: train 10/30 epochs, top-1 93.52 %, 0:20 left\n",
            output.ToString());
    }

    [Fact]
    public async Task Asks_for_rows_at_most_once_a_second_and_at_the_end_and_tells_each_ended_trial_once()
    {
        var asked = 0;
        var rows = ThreeRows().SetItem(1, ThreeRows()[1] with { Reused = true }).Add(Failed(3, "dense/qat", 0, "no\n room"));
        var progress = new PlainProgress(output, clock, () => Task.FromResult(rows[..Math.Min(rows.Length, ++asked * 2)]));
        await progress.Show(Statuses());
        Assert.Equal(2, asked);
        Assert.Equal(
            "[0:00] dense finished: top-1 97.50 %, 1.00x\n[0:00] dense/sparse reused: top-1 97.22 %, 1.00x\n"
            + "[0:00] dense/sparse/ptq max finished: top-1 96.67 %, 2.50x\n[0:00] dense/qat failed: no room\n",
            output.ToString());

        static async IAsyncEnumerable<SweepStatus> Statuses()
        {
            yield return Status(SweepState.Active, trials: 4, waiting: 3, finished: 1);
            await Task.Yield();
            yield return Status(SweepState.Active, trials: 4, waiting: 1, finished: 3);
            yield return Status(trials: 4, finished: 3, failed: 1);
        }
    }

    [Fact]
    public async Task Does_not_ask_for_the_rows_of_a_large_sweep()
    {
        var progress = new PlainProgress(output, clock, () => throw new InvalidOperationException("asked"));
        await progress.Show(Statuses());
        Assert.Empty(output.ToString());

        static async IAsyncEnumerable<SweepStatus> Statuses()
        {
            await Task.Yield();
            yield return Status(trials: 100_000, finished: 100_000);
        }
    }

    [Fact]
    public void Says_nothing_where_nothing_moved()
    {
        var progress = new PlainProgress(output, clock);
        progress.Update(Active(Running("train", 0)));
        clock.Advance(TimeSpan.FromMinutes(1));
        progress.Update(Active(Running("train", 0)));
        Assert.Equal("[0:00] dense: train started\n", output.ToString());
    }
}
