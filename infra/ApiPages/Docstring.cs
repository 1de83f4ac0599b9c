using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace SparseGrid.ApiPages;

/// <summary>One docstring as Markdown.</summary>
internal sealed partial class Docstring
{
    private readonly XElement root;

    private Docstring(XElement root) => this.root = root;

    /// <summary>What the thing is, in one paragraph.</summary>
    public string Summary => Words(root.Element("summary"));

    /// <summary>The docstring of a symbol; null where it has none.</summary>
    public static Docstring? Of(ISymbol symbol) =>
        symbol.GetDocumentationCommentXml() is { Length: > 0 } xml ? new(XElement.Parse(xml)) : null;

    /// <summary>True where a parameter of that name has words of its own.</summary>
    public bool Explains(string parameter) => root.Elements("param").Any(entry => entry.Attribute("name")?.Value == parameter);

    /// <summary>Appends summary, parameters, result, errors and remarks.</summary>
    public void WriteTo(StringBuilder text)
    {
        text.Append(Summary).Append('\n');
        Table(text, "parameter", [.. root.Elements("typeparam"), .. root.Elements("param")], entry => entry.Attribute("name")!.Value);
        if (Words(root.Element("returns")) is { Length: > 0 } returns)
            text.Append($"\nReturns: {returns}\n");
        Table(text, "error", [.. root.Elements("exception")], entry => Target(entry.Attribute("cref")!.Value));
        if (Words(root.Element("remarks")) is { Length: > 0 } remarks)
            text.Append($"\n{remarks}\n");
    }

    private static void Table(StringBuilder text, string head, IReadOnlyList<XElement> entries, Func<XElement, string> name)
    {
        if (entries.Count == 0)
            return;
        text.Append($"\n| {head} | |\n|---|---|\n");
        foreach (var entry in entries)
            text.Append($"| `{name(entry)}` | {Words(entry)} |\n");
    }

    private static string Words(XElement? element) =>
        element is null ? "" : Blanks().Replace(string.Concat(element.Nodes().Select(Words)), " ").Trim();

    private static string Words(XNode node) => node switch
    {
        XText plain => plain.Value.Replace("<", "\\<", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal),
        XElement { Name.LocalName: "see" or "seealso" } see => $"`{Target(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? see.Attribute("href")?.Value ?? see.Value)}`",
        XElement { Name.LocalName: "paramref" or "typeparamref" } reference => $"`{reference.Attribute("name")!.Value}`",
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "para" or "item" } paragraph => $" {Words(paragraph)} ",
        XElement other => Words(other),
        _ => "",
    };

    // T:A.B.Type becomes Type, M:A.B.Type.Member(A.C) becomes Type.Member.
    private static string Target(string reference)
    {
        var kind = reference is [var letter, ':', ..] ? letter : ' ';
        var name = (kind == ' ' ? reference : reference[2..]).Split('(')[0].Split('.');
        return string.Join('.', kind is 'M' or 'P' or 'F' ? name[^2..] : name[^1..]).Replace("`1", "<T>", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
