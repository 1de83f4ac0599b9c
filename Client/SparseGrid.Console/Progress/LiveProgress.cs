using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SparseGrid.Console.Progress;

/// <summary>Progress drawn in place: counts and the time so far, then a line for each running variant.</summary>
public sealed class LiveProgress(IAnsiConsole canvas, TimeProvider clock) : IProgressView
{
    private const int BarWidth = 16;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private readonly long started = clock.GetTimestamp();
    private volatile string said = "";

    /// <inheritdoc/>
    public async Task<SweepStatus> Show(IAsyncEnumerable<SweepStatus> statuses)
    {
        SweepStatus? latest = null;
        await canvas.Live(new Text("")).AutoClear(true).StartAsync(async live =>
        {
            var reading = Read(statuses, status => latest = status);
            while (!reading.IsCompleted)
            {
                if (latest is { } status)
                    live.UpdateTarget(Frame(status, clock.GetElapsedTime(started), said));
                await Task.WhenAny(reading, Task.Delay(Redraw, clock));
            }
            await reading;
        });
        if (said.Length > 0)
            canvas.WriteLine(said);
        return latest ?? throw new InvalidOperationException("A watched sweep has at least one status.");
    }

    /// <inheritdoc/>
    public void Say(string sentence) => said = sentence;

    /// <summary>One picture of the sweep.</summary>
    public static IRenderable Frame(SweepStatus status, TimeSpan elapsed, string sentence)
    {
        var lines = new Grid { Expand = false };
        for (var column = 0; column < 4; column++)
            lines.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        foreach (var variant in status.Variants)
            lines.AddRow(new Text(variant.Path), new Text(variant.Stage, new Style(Color.Aqua)), new Text(Bar(variant)), new Text(ProgressWords.Standing(variant)));

        var parts = new List<IRenderable>
        {
            new Text($"{status.Sweep}: {ProgressWords.Counts(status)}, {Words.Clock(elapsed)}", new Style(decoration: Decoration.Bold)),
        };
        if (!status.Variants.IsEmpty)
            parts.Add(lines);
        if (sentence.Length > 0)
            parts.Add(new Text(sentence, new Style(Color.Yellow)));
        return new Rows(parts);
    }

    private static string Bar(RunningVariant variant)
    {
        var filled = variant.Total > 0 ? (int)Math.Clamp(BarWidth * variant.Done / variant.Total, 0, BarWidth) : 0;
        return new string('█', filled) + new string('░', BarWidth - filled);
    }

    private static async Task Read(IAsyncEnumerable<SweepStatus> statuses, Action<SweepStatus> seen)
    {
        await foreach (var status in statuses)
            seen(status);
    }
}
