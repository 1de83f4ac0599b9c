using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports.Html;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>The plot of accuracy and speed as an SVG file of its own, on light paper: for a README or a paper.</summary>
public static class PlotFile
{
    private const int Width = 860;
    private const int Height = 460;

    /// <summary>The file's text.</summary>
    public static string Text(ResultDocument document)
    {
        var baseline = document.Rows.Select(row => row.Result?.Latency.Baseline).FirstOrDefault(baseline => baseline is not null) ?? "dense FP32";
        var svg = TradeOffPlot.Svg(document.Rows, document.Goals, document.Recommendation, TradeOff.SpeedOver(baseline), "plot", Width, Height);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + HtmlText.Of(DrawnPlot.Alone(svg, Width, Height)) + "\n";
    }
}
