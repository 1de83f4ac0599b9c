using System.Xml.Linq;
using SparseGrid.Console.Reports.Plots;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The plots, each in two widths of which the page shows one.</summary>
internal static class PlotSection
{
    /// <summary>Accuracy against speed, then against size; null where nothing is finished.</summary>
    public static XElement? Of(ReportContent content) => content.Document.Rows.Any(row => row.Result is not null)
        ? Section("Accuracy, speed, size", content.Spec.Measure.Runs == 0 ? null : Figure(content, TradeOff.SpeedOver(content.Spec.Measure.Baseline), "speed"), Figure(content, TradeOff.Size, "size"), Tag("p", "quiet", Caption(content)))
        : null;

    private static XElement Figure(ReportContent content, TradeOff tradeOff, string id)
    {
        XElement Drawn(string form, int width, int height) => Tag("div", form, DrawnPlot.Themed(TradeOffPlot.Svg(
            content.Document.Rows, content.Spec.Goals, content.Document.Recommendation, tradeOff, $"{id}-{form}", width, height, VariantDetails.Anchor)));
        return Tag("figure", null, Drawn("wide", 860, 460), Drawn("narrow", 380, 400));
    }

    private static string Caption(ReportContent content)
    {
        var goals = content.Spec.Goals.IsEmpty
            ? ""
            : " Dashed green: the goals, with the region that meets those of the plot tinted; "
                + "they are judged on the validation images, so a variant at the edge may stand on the other side here.";
        return "Whiskers: 95 % interval of top-1. Filled markers: 2:4 networks and what is made from them. Dotted: the dense baseline. "
            + "Point at a marker for its figures, follow it to its details."
            + goals;
    }
}
