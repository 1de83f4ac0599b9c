using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using OxyPlot;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>
/// Accuracy against speed or size as SVG: a point for each finished variant, with the 95 % interval of its top-1, the Pareto front, the dense baseline and
/// the goals. OxyPlot draws it without fonts, native libraries or a display, so that equal results give equal bytes on any machine.
/// </summary>
public static class TradeOffPlot
{
    private const int MostLabels = 14;
    private const double Near = 9;

    /// <summary>The drawing.</summary>
    /// <param name="id">Starts the ids within it; unique in its page.</param>
    /// <param name="width">Units of the drawing, pixels where it is not scaled; below 500 it is one for a phone.</param>
    /// <param name="link">Where a point leads; null nowhere.</param>
    public static XElement Svg(
        IReadOnlyList<TrialRow> rows, IReadOnlyList<Goal> goals, Recommendation recommendation, TradeOff tradeOff, string id, int width, int height,
        Func<TrialRow, string>? link = null)
    {
        var points = PlotPoint.Of(rows, recommendation, tradeOff);
        var model = PlotModels.Of(points, PlotBounds.Of(points, goals, tradeOff), tradeOff, narrow: width < 500);
        var svg = DrawnPlot.Of(model, id, width, height);
        svg.Add(
            new XAttribute("role", "img"),
            new XAttribute("aria-label", $"Top-1 against {tradeOff.Title}, {Words.Count(points.Length, "variant")}; the table has the figures."));

        var spots = Spots(points, model);
        svg.Add(Labels(points, spots, model));
        svg.Add(points.Select((point, i) => Touch(svg.Name.Namespace, point, spots[i], points.Where((_, j) => j != i && Distance(spots[i], spots[j]) < Near), link)));
        return svg;
    }

    private static ImmutableArray<(double X, double Y)> Spots(ImmutableArray<PlotPoint> points, PlotModel model)
    {
        var (across, up) = (model.Axes[0], model.Axes[1]);
        var (x, y) = (new PlotRange(across.ActualMinimum, across.ActualMaximum), new PlotRange(up.ActualMinimum, up.ActualMaximum));
        return [.. points.Select(point => PlotModels.Place(point, x, y)).Select(at => (across.Transform(at.X), up.Transform(at.Y)))];
    }

    private static IEnumerable<XElement> Labels(ImmutableArray<PlotPoint> points, ImmutableArray<(double X, double Y)> spots, PlotModel model)
    {
        var area = new LabelPlacement.Box(model.PlotArea.Left, model.PlotArea.Top, model.PlotArea.Right, model.PlotArea.Bottom);
        var order = Enumerable.Range(0, points.Length)
            .OrderByDescending(i => points[i].Recommended).ThenByDescending(i => points[i].Row.Parent < 0 && !points[i].Group.Diverged).ThenByDescending(i => points[i].OnFront)
            .ThenBy(i => points[i].Row.Index)
            .ToArray();
        // One label for markers that lie on each other: the first, and how many more.
        var apart = new List<int>();
        foreach (var i in order.Where(i => !apart.Exists(other => Distance(spots[i], spots[other]) < Near)))
            apart.Add(i);
        (double X, double Y, string Text)[] labels =
            [.. apart.Take(MostLabels).Select(i => (spots[i].X, spots[i].Y, points[i].Label + More(spots.Count(other => Distance(spots[i], other) < Near) - 1)))];
        XNamespace svg = DrawnPlot.Namespace;
        foreach (var (label, box) in LabelPlacement.Of(labels, spots, area))
        {
            var point = points[apart[label]];
            var left = box.Right <= labels[label].X; // then the text ends at its marker, however narrow the reader's font
            yield return new XElement(
                svg + "text", new XAttribute("x", Number(left ? box.Right : box.Left)), new XAttribute("y", Number(box.Bottom - 3)),
                new XAttribute("text-anchor", left ? "end" : "start"), new XAttribute("font-family", "system-ui, sans-serif"),
                new XAttribute("font-size", 12), new XAttribute("font-weight", point.Recommended ? 700 : 400), new XAttribute("fill", PlotColor.Ink.Drawn),
                new XAttribute("style", $"paint-order:stroke;stroke:{PlotColor.Paper.Drawn};stroke-width:3;stroke-linejoin:round"), labels[label].Text);
        }
    }

    private static string More(int others) => others == 0 ? "" : $" +{others}";

    // A marker is small for a finger; what leads on and tells the figures is a circle around it.
    private static XElement Touch(XNamespace svg, PlotPoint point, (double X, double Y) spot, IEnumerable<PlotPoint> near, Func<TrialRow, string>? link)
    {
        var others = near.Select(other => other.Sentence).ToArray();
        var title = string.Join('\n', [point.Sentence, .. others.Length == 0 ? Array.Empty<string>() : ["also here:", .. others.Take(6)]]);
        var circle = new XElement(
            svg + "circle", new XAttribute("class", "point"), new XAttribute("data-trial", point.Row.Index), new XAttribute("cx", Number(spot.X)),
            new XAttribute("cy", Number(spot.Y)), new XAttribute("r", 10), new XAttribute("fill", "transparent"),
            new XAttribute("stroke", point.Recommended ? PlotColor.Goal.Drawn : "none"), new XAttribute("stroke-width", 2), new XElement(svg + "title", title));
        return link is null ? circle : new XElement(svg + "a", new XAttribute("href", link(point.Row)), circle);
    }

    private static double Distance((double X, double Y) one, (double X, double Y) other) => Math.Max(Math.Abs(one.X - other.X), Math.Abs(one.Y - other.Y));

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
