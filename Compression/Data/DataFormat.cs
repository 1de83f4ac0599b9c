using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>How the files of a data set are found below a path, and read.</summary>
public abstract class DataFormat
{
    /// <summary>Every format, by name.</summary>
    public static ImmutableArray<DataFormat> All { get; } = [new DigitsFormat(), new IdxFormat(), new CifarFormat(10), new CifarFormat(100), new NpzFormat(), new CsvFormat()];

    /// <summary>Its name; part of a recipe.</summary>
    public abstract string Name { get; }

    /// <summary>True where the data bring test images of their own, false where they never do; null where the files tell.</summary>
    public abstract bool? BringsTest { get; }

    /// <summary>Names of the files of a folder; empty where a set is one file of any name.</summary>
    public virtual ImmutableArray<string> FileNames => [];

    /// <summary>The files that are read, and no others; each exists.</summary>
    /// <exception cref="InvalidDataException">One is missing; names the path and what to put there.</exception>
    public abstract ImmutableArray<DataFile> Files(string path);

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">A file is missing, truncated or not of the format; names file, value, rule and fix.</exception>
    public abstract LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout);

    /// <summary>The format of that name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static DataFormat Named(string name) =>
        All.FirstOrDefault(format => format.Name == name)
        ?? throw new InvalidDataException($"data.format is '{name}', which cannot be read here; there are {string.Join(", ", All.Select(format => format.Name))}.");

    /// <summary>The one file that a path names.</summary>
    private protected static ImmutableArray<DataFile> OneFile(string path) =>
        Directory.Exists(path) ? throw new InvalidDataException($"{path}: is a folder; data.path takes the data file itself.")
        : File.Exists(path) ? [new(string.Empty, path)]
        : throw new InvalidDataException($"{path}: the data file does not exist. Correct data.path in the spec, or put the file there.");

    /// <summary>Those of <see cref="FileNames"/> that a folder has not.</summary>
    public ImmutableArray<string> Missing(string folder) => [.. FileNames.Where(name => !Candidates(name).Any(candidate => File.Exists(Path.Combine(folder, candidate))))];

    /// <summary>The files of <see cref="FileNames"/> in a folder, each plain or gzipped; the plain one where both are there.</summary>
    private protected ImmutableArray<DataFile> InFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InvalidDataException(File.Exists(folder)
                ? $"{folder}: is a file; data.path takes the folder with {string.Join(", ", FileNames)}."
                : $"{folder}: the data folder does not exist. Correct data.path in the spec, or put the files there.");
        }

        return [.. FileNames.Select(name => new DataFile(name, Existing(folder, Candidates(name))))];
    }

    /// <summary>Names that a file may have, the first one first.</summary>
    private protected virtual string[] Candidates(string name) => [name, name + ".gz"];

    private static string Existing(string folder, string[] candidates) =>
        candidates.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidDataException($"{folder}: there is no {string.Join(" or ", candidates)} in it. Put the file there, or correct data.path in the spec.");
}
