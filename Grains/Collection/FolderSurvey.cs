using System.Collections.Immutable;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Collection;

/// <summary>The artifacts, checkpoints and half-written files of a grid's folder, each with the reason why it is not needed. Files of other names are none of ours and are left alone.</summary>
public static class FolderSurvey
{
    /// <summary>Looks at every file.</summary>
    public static ImmutableArray<GridFile> Of(string root, Reachability needed) =>
    [
        .. Files(Path.Combine(root, "artifacts")).Where(file => IsHash(file.Name) || IsTemporary(file)).Select(file => Told(file, ArtifactReason(file, needed))),
        .. Files(Path.Combine(root, "checkpoints")).Where(file => file.Extension == ".ckpt" || IsTemporary(file)).Select(file => Told(file, CheckpointReason(file, needed))),
    ];

    private static GarbageReason? ArtifactReason(FileInfo file, Reachability needed) =>
        IsTemporary(file) ? GarbageReason.HalfWritten
        : needed.Artifacts.Contains(file.Name) ? null
        : needed.Named.Contains(file.Name) ? GarbageReason.StageOfNoSweep
        : GarbageReason.NamedByNoRecord;

    private static GarbageReason? CheckpointReason(FileInfo file, Reachability needed) =>
        IsTemporary(file) ? GarbageReason.HalfWritten
        : needed.OpenStages.Contains(file.Directory!.Name) ? null
        : GarbageReason.Checkpoint;

    private static bool IsTemporary(FileInfo file) => file.Extension == ".tmp";

    private static bool IsHash(string name) => name.Length == 64 && name.All(char.IsAsciiHexDigitLower);

    private static GridFile Told(FileInfo file, GarbageReason? reason) => new(file.FullName, file.Length, file.LastWriteTimeUtc, reason);

    // A file may go while its folder is read: another gc, or a stage that is done.
    private static IEnumerable<FileInfo> Files(string folder) => Directory.Exists(folder)
        ? new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 })
            .Where(file => file.Exists && file.Directory!.Name != FolderArtifactStore.Trash)
        : [];
}
