namespace SparseGrid.Compression.Data;

/// <summary>The folder of this user's data sets, one below it for each named set.</summary>
public static class DataCache
{
    /// <summary>Environment variable that names the folder.</summary>
    public const string Variable = "SPARSEGRID_DATA";

    /// <summary>$SPARSEGRID_DATA, else $XDG_CACHE_HOME/sparsegrid/data, else ~/.cache/sparsegrid/data.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named)
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache)
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "sparsegrid", "data");
}
