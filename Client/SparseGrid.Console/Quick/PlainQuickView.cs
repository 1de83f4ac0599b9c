using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console.Quick;

/// <summary>Progress in plain lines: one for each thing that is begun, layers apart, and at most one in five seconds besides.</summary>
internal sealed class PlainQuickView(TextWriter output, TimeProvider clock) : IQuickView
{
    private const string Layer = "layer ";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);
    private readonly TimeLeft time = new(clock);
    private readonly Lock writing = new();
    private string phase = "";
    private TimeSpan spoke;

    /// <inheritdoc/>
    public QuickResult Show(Func<Action<QuickProgress>, QuickResult> analysis) => analysis(Update);

    /// <inheritdoc/>
    public void Say(string sentence) => Write(sentence);

    private void Update(QuickProgress progress)
    {
        var begun = progress.Phase != phase && !(progress.Phase.StartsWith(Layer, StringComparison.Ordinal) && phase.StartsWith(Layer, StringComparison.Ordinal));
        if (begun || time.Elapsed - spoke >= Quiet)
        {
            Write(progress.Share > 0 ? $"{progress.Phase}: {time.Words(progress.Share)}" : progress.Phase);
            spoke = time.Elapsed;
        }

        phase = progress.Phase;
    }

    private void Write(string line)
    {
        lock (writing)
            output.WriteLine($"[{Words.Clock(time.Elapsed)}] {line}");
    }
}
