using System.Xml.Linq;

namespace SparseGrid.System.Tests.Architecture;

/// <summary>Which folder may use which: the table of the design, held against what was compiled.</summary>
public sealed class FolderTests
{
    private static readonly string[] Web = ["Microsoft.AspNetCore"];
    private static readonly string[] Hosting = ["Microsoft.Extensions.Hosting", "Orleans.Hosting"];
    private static readonly string[] Storage = ["Microsoft.Data.Sqlite", "Orleans.Storage", "Azure"];
    private static readonly string[] Terminal = ["Spectre", "System.CommandLine"];
    private static readonly string[] Tensors = ["TorchSharp"];

    [Fact]
    public void Contracts_see_no_tensors_no_hosting_and_no_storage() =>
        SeesNothingOf("SparseGrid.Contracts", [.. Tensors, .. Hosting, .. Storage, .. Web, .. Terminal, "Microsoft.ML", "SparseGrid.Compression", "SparseGrid.Grains"]);

    [Fact]
    public void Compression_is_a_plain_library_without_grains_hosting_or_logging() =>
        SeesNothingOf("SparseGrid.Compression", ["Orleans", .. Hosting, .. Web, .. Terminal, "Microsoft.Extensions.Logging", "SparseGrid.Contracts", "SparseGrid.Grains", "SparseGrid.Silo"]);

    [Fact]
    public void Grains_see_no_web_no_console_and_no_tensors() =>
        SeesNothingOf("SparseGrid.Grains", [.. Web, .. Terminal, .. Tensors, "System.Net.Http", "SparseGrid.Silo", "SparseGrid.Client", "SparseGrid.Console"]);

    [Fact]
    public void The_silo_holds_no_formula() => SeesNothingOf("SparseGrid.Silo", [.. Tensors, .. Terminal, "SparseGrid.Client", "SparseGrid.Console"]);

    [Fact]
    public void The_console_calls_nothing_in_compression_but_the_analysis_of_a_file()
    {
        SeesNothingOf("sparsegrid", [.. Tensors, "Microsoft.ML", .. Storage]);
        Assert.Empty(CompiledAssembly.Read("sparsegrid").TypesUnder("SparseGrid.Compression").Except(CompiledAssembly.Read("sparsegrid").TypesUnder("SparseGrid.Compression.Analysis")));
    }

    [Fact]
    public void The_client_library_needs_the_contracts_and_orleans_only() =>
        Assert.All(CompiledAssembly.Read("SparseGrid.Client").Assemblies, name => Assert.Matches(@"^(SparseGrid\.Contracts$|Orleans\.|System\.|Microsoft\.Extensions\.)", name));

    [Theory]
    [InlineData("Contracts/SparseGrid.Contracts.csproj", "")]
    [InlineData("Compression/SparseGrid.Compression.csproj", "")]
    [InlineData("Grains/SparseGrid.Grains.csproj", "SparseGrid.Compression SparseGrid.Contracts")]
    [InlineData("Silo/SparseGrid.Silo.csproj", "SparseGrid.Grains")]
    [InlineData("Client/SparseGrid.Client/SparseGrid.Client.csproj", "SparseGrid.Contracts")]
    [InlineData("Client/SparseGrid.Console/SparseGrid.Console.csproj", "SparseGrid.Client SparseGrid.Silo")]
    public void A_project_references_the_projects_of_the_design_and_no_other(string project, string expected) => Assert.Equal(
        expected,
        string.Join(' ', XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)));

    [Fact]
    public void Every_package_version_is_pinned_in_one_file_and_exactly()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Version")!.Value);
        Assert.All(versions, version => Assert.Matches(@"^\d+(\.\d+){1,3}(-[\w.]+)?$", version));
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories);
        Assert.All(projects, project => Assert.DoesNotContain(XDocument.Load(project).Descendants("PackageReference"), package => package.Attribute("Version") is not null));
    }

    /// <summary>Without this, a reader that finds nothing would pass every test above.</summary>
    [Fact]
    public void The_reader_of_metadata_finds_what_is_there()
    {
        Assert.Contains("SparseGrid.Contracts.Sweeps.TrialRow", CompiledAssembly.Read("sparsegrid").Types);
        Assert.NotEmpty(CompiledAssembly.Read("SparseGrid.Contracts").TypesUnder("Orleans"));
        Assert.Contains("SparseGrid.Contracts", CompiledAssembly.Read("SparseGrid.Client").Assemblies);
    }

    private static void SeesNothingOf(string assembly, string[] namespaces) => Assert.Empty(CompiledAssembly.Read(assembly).TypesUnder(namespaces));
}
