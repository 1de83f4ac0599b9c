using System.Globalization;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace SparseGrid.ApiPages;

/// <summary>The docstrings that the compiler wrote beside an assembly.</summary>
internal sealed class DocstringFile(string path) : DocumentationProvider
{
    private readonly string path = path;
    private readonly Dictionary<string, string> members = XDocument.Load(path).Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.ToString());

    public override bool Equals(object? other) => other is DocstringFile file && file.path == path;

    public override int GetHashCode() => path.GetHashCode(StringComparison.Ordinal);

    protected override string? GetDocumentationForSymbol(
        string documentationMemberID, CultureInfo preferredCulture, CancellationToken cancellationToken = default) => members.GetValueOrDefault(documentationMemberID);
}
