using System.Globalization;
using System.Xml.Linq;
using OxyPlot;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>A plot as OxyPlot draws it, made fit for a page: it scales, its ids are its own, and a page can give its colours.</summary>
internal static class DrawnPlot
{
    /// <summary>The namespace of its elements.</summary>
    public static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    /// <summary>Draws the model; after it the model's axes know where their values lie.</summary>
    public static XElement Of(PlotModel model, string id, int width, int height)
    {
        var svg = XElement.Parse(new SvgExporter { Width = width, Height = height, TextMeasurer = new WideText(width, height) }.ExportToString(model));
        svg.SetAttributeValue("width", null);
        svg.SetAttributeValue("height", null);
        svg.SetAttributeValue(XNamespace.Xmlns + "xlink", null);
        svg.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}"));
        foreach (var attribute in svg.Descendants().Attributes().Where(attribute => attribute.Value.Contains("clipPath", StringComparison.Ordinal)))
            attribute.Value = attribute.Value.Replace("clipPath", $"{id}-clip", StringComparison.Ordinal);
        // At one pixel of width OxyPlot's dots and dashes run together.
        foreach (var style in svg.Descendants().Attributes("style"))
        {
            style.Value = style.Value
                .Replace("stroke-dasharray:1,1", "stroke-dasharray:1.5,4", StringComparison.Ordinal)
                .Replace("stroke-dasharray:4,1", "stroke-dasharray:6,4", StringComparison.Ordinal);
        }

        return svg;
    }

    /// <summary>Leaves every colour to the page's variables, which change with its theme.</summary>
    public static XElement Themed(XElement svg)
    {
        foreach (var attribute in svg.Descendants().Attributes().Where(attribute => attribute.Value.Contains("rgb(", StringComparison.Ordinal)))
            attribute.Value = PlotColor.All.Aggregate(attribute.Value, (value, color) => value.Replace(color.Drawn, $"var(--{color.Name})", StringComparison.Ordinal));
        return svg;
    }

    /// <summary>The drawing as a file of its own: of a given size, on light paper.</summary>
    public static XElement Alone(XElement svg, int width, int height)
    {
        svg.SetAttributeValue("width", width);
        svg.SetAttributeValue("height", height);
        svg.AddFirst(new XElement(
            Namespace + "rect", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("fill", PlotColor.Paper.Drawn)));
        return svg;
    }

    /// <summary>Measures text without fonts, as Helvetica and a seventh wider: whatever sans-serif font a reader has, titles and legends have room.</summary>
    private sealed class WideText(double width, double height) : PdfRenderContext(width, height, OxyColors.Undefined)
    {
        private const double PixelsOfPoints = 96.0 / 72;
        private const double Wider = 1.15;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            var size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new(Wider * PixelsOfPoints * size.Width, PixelsOfPoints * size.Height);
        }
    }
}
