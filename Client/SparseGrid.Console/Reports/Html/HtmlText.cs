using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace SparseGrid.Console.Reports.Html;

/// <summary>Writes a page's elements as text that browsers and XML readers take alike. All text is encoded by the writer; none goes in as markup.</summary>
internal static class HtmlText
{
    private static readonly HashSet<string> Void = ["br", "hr", "img", "meta", "link", "col", "input"];

    /// <summary>The page: doctype, then the elements. Changes the tree: characters that no page may hold become U+FFFD.</summary>
    public static string Page(XElement html) => "<!DOCTYPE html>\n" + Of(html) + "\n";

    /// <summary>One element, without a doctype.</summary>
    public static string Of(XElement root)
    {
        foreach (var element in root.DescendantsAndSelf())
        {
            foreach (var attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
                attribute.Value = Clean(attribute.Value);
            foreach (var text in element.Nodes().OfType<XText>())
                text.Value = Clean(text.Value);
            // <div/> opens a div in HTML and does not close it.
            if (element.IsEmpty && !Void.Contains(element.Name.LocalName))
                element.Value = "";
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The text with every character that XML does not allow replaced, so that a name from outside cannot break the page.</summary>
    private static string Clean(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
            return text;

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())     // half of a surrogate pair comes as U+FFFD
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar : rune);
        return clean.ToString();
    }
}
