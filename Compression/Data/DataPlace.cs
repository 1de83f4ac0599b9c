using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>The files of one data set on this machine, and the format that reads them.</summary>
/// <param name="Classes">Number of classes of a named set; null where the files or the spec say it.</param>
public sealed record DataPlace(DataFormat Format, ImmutableArray<DataFile> Files, int? Classes)
{
    /// <summary>The file, or the folder of the files.</summary>
    public string Path => Files.Length == 1 ? Files[0].Path : System.IO.Path.GetDirectoryName(Files[0].Path)!;

    /// <summary>Finds the files of a format or named set.</summary>
    /// <param name="path">File or folder; null looks for a named set in its package's folder, then in the cache.</param>
    /// <param name="cache">Where named sets are kept, see <see cref="DataCache"/>.</param>
    /// <exception cref="InvalidDataException">They are not there; names every place looked at, and what to do.</exception>
    public static DataPlace Find(string name, string? path, string cache)
    {
        var set = NamedSet.Of(name);
        var format = DataFormat.Named(set?.Format ?? name);
        if (path is not null)
            return new(format, format.Files(path), set?.Classes);
        if (set is null)
            throw new InvalidDataException($"data.path is missing: format {name} has no place of its own.");

        var places = Places(set, cache);
        foreach (var place in places.Where(format.IsIn))
            return new(format, format.Files(place), set.Classes);

        throw new InvalidDataException($"Data set {name} is not on this machine. Looked in {string.Join(" and ", places)}. {Advice(set, cache)}");
    }

    /// <summary>What a user can do who has no files of a named set.</summary>
    public static string Advice(NamedSet set, string cache)
    {
        var package = set.Package is null ? "" : $"install it (sudo apt install {set.Package}), or ";
        var files = $"put {string.Join(", ", DataFormat.Named(set.Format).FileNames)} (each as it is or with .gz) into {System.IO.Path.Combine(cache, set.Name)}";
        var advice = $"{package}{files}, or give data.path, the folder that has them.";
        return char.ToUpperInvariant(advice[0]) + advice[1..];
    }

    private static ImmutableArray<string> Places(NamedSet set, string cache) =>
        [.. set.PackageFolder is null ? Array.Empty<string>() : [set.PackageFolder], System.IO.Path.Combine(cache, set.Name)];
}
