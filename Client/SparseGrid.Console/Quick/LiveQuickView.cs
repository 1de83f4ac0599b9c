using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;
using Spectre.Console;

namespace SparseGrid.Console.Quick;

/// <summary>Progress drawn in place: a bar, what is done now, the time so far and the time left.</summary>
internal sealed class LiveQuickView(Terminal terminal, TimeProvider clock) : IQuickView
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);
    private readonly TimeLeft time = new(clock);
    private volatile string said = "";

    /// <inheritdoc/>
    public QuickResult Show(Func<Action<QuickProgress>, QuickResult> analysis)
    {
        QuickResult? result = null;
        var canvas = terminal.Canvas();
        canvas.Live(new Text("")).AutoClear(true).Start(live =>
        {
            var drawn = TimeSpan.Zero;
            result = analysis(progress =>
            {
                if (time.Elapsed - drawn < Redraw)
                    return;
                drawn = time.Elapsed;
                live.UpdateTarget(new Rows(Lines(progress).Select(line => new Text(line.Length < canvas.Profile.Width ? line : line[..(canvas.Profile.Width - 1)]))));
            });
        });
        return result!;
    }

    /// <inheritdoc/>
    public void Say(string sentence) => said = sentence;

    private IEnumerable<string> Lines(QuickProgress progress)
    {
        var filled = (int)(BarWidth * progress.Share);
        yield return $"{new string('█', filled)}{new string('░', BarWidth - filled)}  {time.Words(progress.Share)}, {Words.Clock(time.Elapsed)} so far  {progress.Phase}";
        if (said.Length > 0)
            yield return said;
    }
}
