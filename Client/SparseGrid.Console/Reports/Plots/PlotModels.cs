using System.Collections.Immutable;
using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>What OxyPlot draws: axes, the region that meets the goals, the Pareto front, error bars, markers and the legend.</summary>
internal static class PlotModels
{
    /// <summary>The model of one plot.</summary>
    /// <param name="narrow">True for a phone: fewer ticks.</param>
    public static PlotModel Of(ImmutableArray<PlotPoint> points, PlotBounds bounds, TradeOff tradeOff, bool narrow)
    {
        var sound = points.Where(point => !point.Group.Diverged).ToImmutableArray();
        var shown = sound.IsEmpty ? points : sound;
        var x = PlotRange.Of(shown.Select(point => point.X), [bounds.DenseX, bounds.GoalX], margin: 0.08, least: 0.02 * shown.Select(point => point.X).DefaultIfEmpty(1).Max());
        var y = PlotRange.Of(shown.SelectMany(point => new[] { point.Low, point.High }), [bounds.GoalY], margin: 0.05, least: 0.2);
        y = y with { To = Math.Min(y.To, 100.0 + 0.04 * (100 - y.From)) };
        var model = new PlotModel
        {
            Culture = CultureInfo.InvariantCulture, DefaultFont = "system-ui, sans-serif", DefaultFontSize = 13, TextColor = Oxy(PlotColor.Muted),
            PlotAreaBorderColor = Oxy(PlotColor.Grid), PlotAreaBorderThickness = new(1), Padding = new(2, 8, 12, 2),
        };
        model.Axes.Add(Axis(AxisPosition.Bottom, narrow ? tradeOff.ShortTitle : tradeOff.Title, x, narrow ? 90 : 80));
        model.Axes.Add(Axis(AxisPosition.Left, "top-1 on the test images, %", y, 45));
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.TopLeft, LegendOrientation = LegendOrientation.Horizontal,
            LegendTextColor = Oxy(PlotColor.Ink), LegendBorderThickness = 0, LegendPadding = 0, LegendMargin = 6, LegendFontSize = 13, LegendItemSpacing = 16,
        });
        AddGoals(model, bounds, tradeOff, x, y);
        AddFront(model, [.. sound.Where(point => point.OnFront).OrderBy(point => point.X)], tradeOff);
        foreach (var group in PlotGroup.All)
            AddGroup(model, group, group.Title.Replace("FP32", tradeOff.Floats, StringComparison.Ordinal), [.. points.Where(point => point.Group == group)], x, y);
        return model;
    }

    /// <summary>Where a point is drawn: what diverged lies at the edge, so that it does not push the others together.</summary>
    public static (double X, double Y) Place(PlotPoint point, PlotRange x, PlotRange y) => point.Group.Diverged
        ? (Math.Clamp(point.X, x.From, x.To), Math.Clamp(point.Y, y.From + 0.03 * (y.To - y.From), y.To))
        : (point.X, point.Y);

    private static LinearAxis Axis(AxisPosition position, string title, PlotRange range, double step) => new()
    {
        Position = position, Title = title, Minimum = range.From, Maximum = range.To, IntervalLength = step,
        MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Oxy(PlotColor.Grid), MajorGridlineThickness = 1,
        TickStyle = TickStyle.None, AxislineStyle = LineStyle.None, TextColor = Oxy(PlotColor.Muted), TitleColor = Oxy(PlotColor.Muted), AxisTitleDistance = 8,
    };

    private static void AddGoals(PlotModel model, PlotBounds bounds, TradeOff tradeOff, PlotRange x, PlotRange y)
    {
        var (hasX, hasY) = (x.Holds(bounds.GoalX), y.Holds(bounds.GoalY));
        if (hasX || hasY)
        {
            model.Annotations.Add(new RectangleAnnotation
            {
                MinimumX = hasX && tradeOff.MoreIsBetter ? bounds.GoalX : x.From, MaximumX = hasX && !tradeOff.MoreIsBetter ? bounds.GoalX : x.To,
                MinimumY = hasY ? bounds.GoalY : y.From, MaximumY = y.To, Fill = Oxy(PlotColor.Met), Layer = AnnotationLayer.BelowAxes,
            });
        }

        if (x.Holds(bounds.DenseX))
            Line(LineAnnotationType.Vertical, bounds.DenseX, PlotColor.Dense, LineStyle.Dot, "");
        if (y.Holds(bounds.DenseY))
            Line(LineAnnotationType.Horizontal, bounds.DenseY, PlotColor.Dense, LineStyle.Dot, "");
        if (hasX)
            Line(LineAnnotationType.Vertical, bounds.GoalX, PlotColor.Goal, LineStyle.Dash, "goal");
        if (hasY)
            Line(LineAnnotationType.Horizontal, bounds.GoalY, PlotColor.Goal, LineStyle.Dash, "goal");

        void Line(LineAnnotationType type, double at, PlotColor color, LineStyle style, string text) => model.Annotations.Add(new LineAnnotation
        {
            Type = type, X = at, Y = at, Color = Oxy(color), TextColor = Oxy(color), LineStyle = style, StrokeThickness = 1, Text = text,
            Layer = AnnotationLayer.BelowSeries, TextOrientation = AnnotationTextOrientation.Horizontal,
            TextMargin = 6, TextLinePosition = type == LineAnnotationType.Vertical ? 0.02 : 0.99,
        });
    }

    // Steps, because a step is what the front leaves to be had between two variants.
    private static void AddFront(PlotModel model, ImmutableArray<PlotPoint> front, TradeOff tradeOff)
    {
        if (front.Length < 2)
            return;
        var line = new LineSeries { Title = "Pareto front", Color = Oxy(PlotColor.Front), StrokeThickness = 1.5 };
        foreach (var (point, next) in front.Zip(front.Skip(1)))
        {
            line.Points.Add(new(point.X, point.Y));
            line.Points.Add(tradeOff.MoreIsBetter ? new(point.X, next.Y) : new(next.X, point.Y));
        }

        line.Points.Add(new(front[^1].X, front[^1].Y));
        model.Series.Add(line);
    }

    private static void AddGroup(PlotModel model, PlotGroup group, string title, ImmutableArray<PlotPoint> points, PlotRange x, PlotRange y)
    {
        if (points.IsEmpty)
            return;
        var color = Oxy(group.Color);
        if (!group.Diverged)
        {
            // Below the markers and by itself: a marker should hide the middle of its bar.
            var bars = new ScatterErrorSeries
            {
                MarkerType = MarkerType.None, ErrorBarColor = OxyColor.FromAColor(115, color), ErrorBarStrokeThickness = 1, ErrorBarStopWidth = 3, RenderInLegend = false,
            };
            bars.Points.AddRange(points.Select(point => new ScatterErrorPoint(point.X, (point.Low + point.High) / 2, 0, point.High - point.Low)));
            model.Series.Insert(0, bars);
        }

        var markers = new ScatterSeries
        {
            Title = title, MarkerType = group.Marker, MarkerSize = 5.5,
            MarkerFill = group.Filled ? color : Oxy(PlotColor.Paper), MarkerStroke = color, MarkerStrokeThickness = 1.8,
        };
        markers.Points.AddRange(points.Select(point => Place(point, x, y)).Select(at => new ScatterPoint(at.X, at.Y)));
        model.Series.Add(markers);
    }

    private static OxyColor Oxy(PlotColor color) => OxyColor.Parse(color.Light);
}
