using System.Xml.Linq;

namespace SparseGrid.Console.Reports.Html;

/// <summary>Short names for the elements of a page. Strings given as content are text.</summary>
internal static class Tags
{
    /// <summary>An element with a class; null content is left out.</summary>
    public static XElement Tag(string name, string? css, params object?[] content) => new(name, css is null ? null : new XAttribute("class", css), content);

    /// <summary>A link.</summary>
    public static XElement Link(string to, params object?[] content) => new("a", new XAttribute("href", to), content);

    /// <summary>A titled part of the page; null where there is nothing to show.</summary>
    public static XElement? Section(string title, params object?[] content) =>
        content.All(part => part is null) ? null : new("section", new XElement("h2", title), content);

    /// <summary>A table that scrolls by itself where the page is narrow.</summary>
    /// <param name="headings">Of the columns; those that start with '#' are of numbers and stand right, without the mark.</param>
    public static XElement Table(IReadOnlyList<string> headings, IEnumerable<TableRow> rows)
    {
        string? Side(int column) => headings[column].StartsWith('#') ? "n" : null;
        return Tag("div", "scroll", new XElement(
            "table",
            new XElement("thead", new XElement("tr", headings.Select((heading, column) => Tag("th", Side(column), heading.TrimStart('#'))))),
            new XElement("tbody", rows.Select(row => Tag("tr", row.Css, row.Cells.Select((cell, column) => Tag("td", Side(column), cell)))))));
    }

    /// <summary>A row: its cells, each text or elements, and its class.</summary>
    public sealed record TableRow(string? Css, params object?[] Cells);
}
