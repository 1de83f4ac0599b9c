namespace SparseGrid.System.Tests;

/// <summary>Places in the repository that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of SparseGrid.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as these tests were built.</summary>
    public static string Configuration { get; } = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}") ? "Debug" : "Release";

    /// <summary>The built program.</summary>
    public static string Program => Path.Combine(Root, "Client", "SparseGrid.Console", "bin", Configuration, "net10.0", "sparsegrid.dll");

    /// <summary>The same console around a grid that can be told where to die.</summary>
    public static string Target => Path.Combine(Root, "tests", "System.Target", "bin", Configuration, "net10.0", "sparsegrid-target.dll");

    /// <summary>The sample data: 1,797 handwritten digits.</summary>
    public static string Digits => Path.Combine(Root, "samples", "data", "digits.csv.gz");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "SparseGrid.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has SparseGrid.sln.");
    }
}
