using SparseGrid.Console;
using SparseGrid.Console.Progress;
using SparseGrid.Contracts.Sweeps;
using Spectre.Console;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Progress;

public sealed class LiveProgressTests
{
    [Fact]
    public void Draws_counts_and_a_line_for_each_running_variant()
    {
        var output = new StringWriter { NewLine = "\n" };
        var status = Status(SweepState.Active, trials: 8, waiting: 5, running: 1, finished: 2, variants:
            new RunningVariant(Id(1), "dense/sparse [a]", "silo-1", "finetune", 4, 8, "epochs", 0.9352, TimeSpan.FromSeconds(7)));
        new Terminal(output, output, false, false, 120).Canvas().Write(LiveProgress.Frame(status, TimeSpan.FromSeconds(61), "Stopping.", 120));
        Assert.Equal(
            ["digits: 2 of 8 done, 1 running, 0 reused, 0 failed, 5 left, 1:01", "dense/sparse [a]  finetune  ████████░░░░░░░░  4/8 epochs, top-1 93.52 %, 0:07 left", "Stopping."],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Cuts_lines_at_the_width_of_the_terminal()
    {
        var output = new StringWriter { NewLine = "\n" };
        var status = Status(SweepState.Active, running: 1, variants: new RunningVariant(Id(1), new string('p', 60), "silo-1", "train", 4, 8, "epochs", 0.9, null));
        new Terminal(output, output, false, false, 40).Canvas().Write(LiveProgress.Frame(status, TimeSpan.Zero, "", 40));
        Assert.Equal(2, output.ToString().TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Trials_that_have_ended_scroll_by_above_what_is_drawn()
    {
        var output = new StringWriter { NewLine = "\n" };
        var canvas = AnsiConsole.Create(new() { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        canvas.Profile.Width = 100;
        var asked = 0;
        var progress = new LiveProgress(canvas, TimeProvider.System, () => Task.FromResult(++asked == 1 ? [ThreeRows()[0]] : ThreeRows()));
        await progress.Show(Statuses());

        var text = output.ToString();
        var dense = text.IndexOf("dense finished: top-1 97.50 %, 1.00x", StringComparison.Ordinal);
        Assert.InRange(dense, 0, text.IndexOf("dense/sparse/ptq max finished: top-1 96.67 %, 2.50x", StringComparison.Ordinal));
        Assert.Equal(dense, text.LastIndexOf("dense finished", StringComparison.Ordinal));

        static async IAsyncEnumerable<SweepStatus> Statuses()
        {
            yield return Status(SweepState.Active, waiting: 2, finished: 1);
            await Task.Yield();
            yield return Status();
        }
    }

    [Fact]
    public async Task Shows_statuses_until_the_last_one_and_gives_it_back()
    {
        var output = new StringWriter();
        var progress = new LiveProgress(new Terminal(output, output, false, false, 80).Canvas(), TimeProvider.System);
        Assert.Equal(SweepState.Finished, (await progress.Show(Statuses())).State);

        static async IAsyncEnumerable<SweepStatus> Statuses()
        {
            yield return Status(SweepState.Active, waiting: 3, finished: 0);
            await Task.Yield();
            yield return Status();
        }
    }
}
