using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The head of every page: no address is ever asked for, and no script runs but the page's own.</summary>
internal static class PageHead
{
    /// <summary>The element.</summary>
    /// <param name="title">What the page is about.</param>
    public static XElement Of(string title) => new(
        "head",
        new XElement("meta", new XAttribute("charset", "utf-8")),
        new XElement(
            "meta", new XAttribute("http-equiv", "Content-Security-Policy"),
            new XAttribute("content", $"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{ScriptHash}'")),
        new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
        new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
        new XElement("title", $"{title} – SparseGrid"),
        new XElement("style", PageStyle.Text));

    private static string ScriptHash => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(PageStyle.Script)));
}
