using System.Collections.Immutable;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Bundles;

/// <summary>Where a bundle is written to.</summary>
public static class BundleFolder
{
    /// <summary>Writes the files, the manifest last. A file that is there with the same bytes stays; one with others is never overwritten, and then nothing is written at all.</summary>
    /// <exception cref="InvalidDataException">The folder is a file, or a file of it has other bytes.</exception>
    /// <exception cref="IOException">The disk is full or read-only.</exception>
    public static void Write(string folder, ImmutableArray<BundleFile> files)
    {
        if (File.Exists(folder))
            throw new InvalidDataException($"{folder} is a file; a bundle takes a folder. Give another one with --output.");
        var missing = files.Where(file => !File.Exists(Path.Combine(folder, file.Name))).ToArray();
        var other = files.Except(missing).Where(file => !File.ReadAllBytes(Path.Combine(folder, file.Name)).AsSpan().SequenceEqual(file.Bytes)).Select(file => file.Name).ToArray();
        if (other.Length > 0)
        {
            throw new InvalidDataException(
                $"{folder} holds {string.Join(", ", other)} with other contents, and nothing is overwritten. Delete the folder, or give another one with --output.");
        }

        foreach (var file in missing)
            AtomicFile.Write(Path.GetFullPath(Path.Combine(folder, file.Name)), file.Bytes);
    }
}
