using System.Collections.Concurrent;
using System.Collections.Immutable;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SparseGrid.Console.Progress;

/// <summary>Progress drawn in place: counts and the time so far, then a line for each running variant. Trials that have ended scroll by above it.</summary>
/// <param name="rows">Gives all rows of the sweep; null: ended trials are counted, not told.</param>
public sealed class LiveProgress(IAnsiConsole canvas, TimeProvider clock, Func<Task<ImmutableArray<TrialRow>>>? rows = null) : IProgressView
{
    private const int BarWidth = 16;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private readonly long started = clock.GetTimestamp();
    private readonly EndedTrials? ended = rows is null ? null : new(rows, clock);
    private readonly ConcurrentQueue<string> above = [];
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
                TellAbove();
                if (latest is { } status)
                    live.UpdateTarget(Frame(status, clock.GetElapsedTime(started), said, canvas.Profile.Width));
                await Task.WhenAny(reading, Task.Delay(Redraw, clock));
            }
            await reading;
            TellAbove();
        });
        if (said.Length > 0)
            canvas.WriteLine(said);
        return latest ?? throw new InvalidOperationException("A watched sweep has at least one status.");
    }

    /// <inheritdoc/>
    public void Say(string sentence) => said = sentence;

    /// <summary>One picture of the sweep.</summary>
    /// <param name="width">Columns; a variant's line is cut there, because a line that wraps jumps when it is drawn again.</param>
    public static IRenderable Frame(SweepStatus status, TimeSpan elapsed, string sentence, int width)
    {
        var path = status.Variants.Select(variant => variant.Path.Length).DefaultIfEmpty().Max();
        var stage = status.Variants.Select(variant => variant.Stage.Length).DefaultIfEmpty().Max();
        var parts = new List<IRenderable> { Line($"{status.Sweep}: {ProgressWords.Counts(status)}, {Words.Clock(elapsed)}", new(decoration: Decoration.Bold)) };
        foreach (var variant in status.Variants)
            parts.Add(Line($"{variant.Path.PadRight(path)}  {variant.Stage.PadRight(stage)}  {Bar(variant)}  {ProgressWords.Standing(variant)}", Style.Plain));
        if (status.Trouble is { } trouble)
            parts.Add(Line(Words.OneLine(trouble), new(Color.Yellow)));
        if (sentence.Length > 0)
            parts.Add(Line(sentence, new(Color.Yellow)));
        return new Rows(parts);

        Text Line(string text, Style style) => new(text.Length < width ? text : text[..(width - 1)], style);
    }

    private static string Bar(RunningVariant variant)
    {
        var filled = variant.Total > 0 ? (int)Math.Clamp(BarWidth * variant.Done / variant.Total, 0, BarWidth) : 0;
        return new string('█', filled) + new string('░', BarWidth - filled);
    }

    // What is written while the picture stands goes above it. From the thread that draws, so that the two do not mix.
    private void TellAbove()
    {
        while (above.TryDequeue(out var line))
            canvas.WriteLine(line);
    }

    private async Task Read(IAsyncEnumerable<SweepStatus> statuses, Action<SweepStatus> seen)
    {
        await foreach (var status in statuses)
        {
            seen(status);
            foreach (var row in ended is null ? [] : await ended.Of(status))
                above.Enqueue($"[{Words.Clock(clock.GetElapsedTime(started))}] {row.Path} {ProgressWords.Ended(row)}");
        }
    }
}
