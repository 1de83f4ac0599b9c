using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>The files of one data set on this machine, and the format that reads them.</summary>
/// <param name="Set">The named set that the files are to be; null where none was asked for.</param>
public sealed record DataPlace(DataFormat Format, ImmutableArray<DataFile> Files, NamedSet? Set)
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
            return new(format, format.Files(path), set);
        if (set is null)
            throw new InvalidDataException($"data.path is missing: format {name} has no place of its own.");

        return set.Places(cache).FirstOrDefault(place => format.Missing(place).IsEmpty) is { } folder
            ? new(format, format.Files(folder), set)
            : throw new InvalidDataException(set.NotHere(cache));
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or the data are not those of the named set.</exception>
    public LabeledData Read(ImageLayout layout)
    {
        var data = Format.Read(Files, Set is null ? layout : layout with { Classes = Set.Classes });
        if (Set is not null && data.Images.Labels.Distinct().Count() is var found && found != Set.Classes)
        {
            throw new InvalidDataException(
                $"{Path}: has images of {found} classes, but {Set.Name} has {Set.Classes}. Get the files again, or correct data.path or data.format.");
        }

        return data;
    }
}
