using SparseGrid.ApiPages;

if (args is not [var assembly, var folder])
{
    Console.Error.WriteLine("""
        Writes the API pages of an assembly, one Markdown file a namespace, from the docstrings beside it. The packages that it uses lie beside it too.

        Usage:   dotnet run --project infra/ApiPages -- ASSEMBLY.dll FOLDER
        Example: dotnet run --project infra/ApiPages -- Client/SparseGrid.Console/bin/Release/net10.0/SparseGrid.Compression.dll docs/api
        """);
    return 2;
}

Directory.CreateDirectory(folder);
var pages = ApiPage.Of(assembly);
foreach (var stale in Directory.EnumerateFiles(folder, "*.md").Where(file => !pages.ContainsKey(Path.GetFileName(file))))
    File.Delete(stale);
foreach (var (name, text) in pages)
    File.WriteAllText(Path.Combine(folder, name), text);
Console.WriteLine($"{pages.Count} pages in {folder}");
return 0;
