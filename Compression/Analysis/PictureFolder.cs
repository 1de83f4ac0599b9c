using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Images;

namespace SparseGrid.Compression.Analysis;

/// <summary>A folder of pictures: one sub-folder for each class, or no classes at all.</summary>
internal static class PictureFolder
{
    /// <exception cref="InvalidDataException">There are none, one is damaged, or its class is not known.</exception>
    public static AnalysisImages Read(QuickOptions options, ImageShape input, int classes, Action<double> progress, CancellationToken stop)
    {
        if (input.Channels is not (1 or 3))
            throw new InvalidDataException($"The network takes {input}; pictures have 1 channel or 3. Give its images as an .npz file.");

        var folder = options.Images;
        var subFolders = Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.') && Pictures(folder, name).Any()).Order(StringComparer.Ordinal).ToArray();
        (string File, int Folder)[] files = [.. subFolders.SelectMany((name, place) => Pictures(folder, name).Select(file => (file, place)))];
        var loose = Directory.GetFiles(folder).Where(PictureFile.IsNamed).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray();
        if (files.Length > 0 && loose.Length > 0)
            throw new InvalidDataException($"{folder}: holds pictures ({loose[0]}) and sub-folders with pictures ({subFolders[0]}). Put all into sub-folders, one for each class, or none.");
        if (files.Length == 0)
            files = [.. loose.Select(file => (file, 0))];
        if (files.Length == 0)
            throw new InvalidDataException($"{folder}: holds no pictures; names of those end in {string.Join(", ", PictureFile.Extensions)}, in any case.");

        var given = options.Labels is { } list ? LabelsOf(list, classes) : [];
        var (indexes, names, notes) = subFolders.Length == 0 ? (null, given, []) : Classes(folder, subFolders, given, classes);

        var preset = ChosenPreprocessing.Of(options, input, PicturePreprocessing.Usual(input));
        var order = AnalysisImages.BalancedOrder([.. files.Select(file => file.Folder)], options.Seed);
        (string File, int Folder)[] taken = [.. order.Take(options.MostImages).Order().Select(index => files[index])];
        var pixels = new byte[(long)taken.Length * input.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            preset.Fit(PictureFile.Read(Path.Combine(folder, taken[i].File), input.Channels), input, pixels.AsSpan(i * input.Count, input.Count));
            progress((i + 1.0) / taken.Length);
        }

        int[] labels = [.. taken.Select(file => indexes is null ? 0 : indexes[file.Folder])];
        return new(
            new LabeledImages(input, classes, pixels, 255, labels).With(preset.Normalization), [.. taken.Select(file => file.File)], names, indexes is not null,
            subFolders.Length == 0 ? "a folder of pictures" : $"pictures in {subFolders.Length} folders", preset.Name, files.Length, notes);
    }

    private static IEnumerable<string> Pictures(string folder, string name) =>
        Directory.EnumerateFiles(Path.Combine(folder, name), "*", SearchOption.AllDirectories).Where(PictureFile.IsNamed)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    // Which score belongs to which folder: by the list, by folders that are numbers, or by their order where there are as many as scores.
    private static (int[]? Indexes, ImmutableArray<string> Names, ImmutableArray<string> Notes) Classes(string folder, string[] folders, ImmutableArray<string> given, int classes)
    {
        if (!given.IsEmpty)
        {
            var unknown = folders.FirstOrDefault(name => !given.Contains(name));
            return unknown is null
                ? (Array.ConvertAll(folders, name => given.IndexOf(name)), given, [])
                : throw new InvalidDataException($"{folder}: has a folder '{unknown}', which is none of the {given.Length} labels, such as '{given[0]}'. Name folders as the labels are.");
        }

        var numbers = Array.ConvertAll(folders, name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < classes ? number : -1);
        if (Array.TrueForAll(numbers, number => number >= 0) && numbers.Distinct().Count() == numbers.Length)
            return (numbers, [], []);
        if (folders.Length == classes)
            return ([.. Enumerable.Range(0, classes)], [.. folders], ["The folders' names in alphabetical order are taken for the order of the scores."]);
        return (null, [],
            [$"{folders.Length} folders, and the network gives {classes} scores: which folder is which score is not known, so the images count as unlabelled. Give --labels, or number the folders."]);
    }

    private static ImmutableArray<string> LabelsOf(string file, int classes)
    {
        ImmutableArray<string> names = [.. File.ReadAllLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (names.Length != classes)
            throw new InvalidDataException($"{file}: names {names.Length} classes, and the network gives {classes} scores. Give one name a line, in the order of the scores.");
        return names.Distinct().Count() == names.Length ? names : throw new InvalidDataException($"{file}: names '{names.GroupBy(name => name).First(same => same.Count() > 1).Key}' twice.");
    }
}
