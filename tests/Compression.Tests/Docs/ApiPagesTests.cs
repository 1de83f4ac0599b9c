using SparseGrid.ApiPages;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Docs;

public sealed class ApiPagesTests
{
    [Fact]
    public void The_API_pages_say_what_the_docstrings_say()
    {
        var pages = ApiPage.Of(typeof(LayerGraph).Assembly.Location);
        var folder = Path.Combine(Repository(), "docs", "api");
        var differing = pages.Keys.Union(Directory.EnumerateFiles(folder, "*.md").Select(path => Path.GetFileName(path)!))
            .Where(page => !pages.TryGetValue(page, out var text) || !File.Exists(Path.Combine(folder, page)) || File.ReadAllText(Path.Combine(folder, page)) != text)
            .Order(StringComparer.Ordinal).ToArray();
        Assert.True(
            differing.Length == 0,
            $"docs/api is behind the docstrings in {string.Join(", ", differing)}. Write it anew: "
            + "dotnet run --project infra/ApiPages -c Release -- Client/SparseGrid.Console/bin/Release/net10.0/SparseGrid.Compression.dll docs/api");
    }

    [Fact]
    public void Every_public_type_has_its_place_and_every_namespace_its_page()
    {
        var pages = ApiPage.Of(typeof(LayerGraph).Assembly.Location);
        foreach (var type in typeof(LayerGraph).Assembly.GetExportedTypes().Where(type => !type.IsNested))
        {
            var page = pages[$"{type.Namespace}.md"];
            Assert.Contains($"\n## {type.Name.Split('`')[0]}", page, StringComparison.Ordinal);
        }
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SparseGrid.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of a clone of the repository.");
        return folder;
    }
}
