using System.Collections.Immutable;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Collection;

/// <summary>
/// Deletes what no record needs, beside silos that run. An artifact is first put aside, where a silo that wants it finds it and takes it back; then the records are read once more; only what was
/// neither taken back, nor used, nor named meanwhile is deleted.
/// </summary>
/// <param name="root">The grid's folder.</param>
/// <param name="records">Reads all records of the grid as they are now.</param>
/// <param name="clock">Tells how old files are.</param>
public sealed class GarbageCollector(string root, Func<IReadOnlyCollection<StoredRecord>> records, TimeProvider clock)
{
    /// <summary>What would be deleted, and what is kept; deletes nothing.</summary>
    /// <param name="age">Files that were written or used within this time are left alone.</param>
    /// <param name="keepStale">False to give up what only stale results need.</param>
    /// <exception cref="InvalidDataException">A record cannot be read; names it.</exception>
    public GarbageSurvey Survey(TimeSpan age, bool keepStale)
    {
        var needed = Reachability.Of(records(), keepStale);
        var files = FolderSurvey.Of(root, needed);
        var youngest = clock.GetUtcNow() - age;
        return new(
            needed, [.. files.Where(file => file.Reason is not null && file.Used <= youngest)], [.. files.Where(file => file.Reason is not null && file.Used > youngest)],
            [.. files.Where(file => file.Reason is null)]);
    }

    /// <summary>Deletes it. Safe to repeat, and to be killed: what was put aside then is taken back by whoever wants it, and deleted by the next call.</summary>
    /// <returns>What was deleted.</returns>
    /// <exception cref="InvalidDataException">A record cannot be read; names it.</exception>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public ImmutableArray<GridFile> Delete(TimeSpan age, bool keepStale)
    {
        FolderArtifactStore.TakeAllBack(root);
        var survey = Survey(age, keepStale);
        var aside = new List<(GridFile File, string Aside)>();
        var deleted = new HashSet<GridFile>();
        foreach (var file in survey.Garbage)
        {
            if (file.Reason is GarbageReason.Checkpoint or GarbageReason.HalfWritten)
            {
                if (Remove(file.Path))
                    deleted.Add(file);
            }
            else if (FolderArtifactStore.PutAside(file.Path) is { } place)
            {
                aside.Add((file, place));
            }
        }

        var now = Reachability.Of(records(), keepStale);
        var youngest = clock.GetUtcNow() - age;
        foreach (var (file, place) in aside)
        {
            if (now.Artifacts.Contains(Path.GetFileName(file.Path)) || File.GetLastWriteTimeUtc(place) > youngest.UtcDateTime)
                FolderArtifactStore.TakeBack(file.Path, place);
            else if (Remove(place) && !File.Exists(file.Path)) // Otherwise it was stored anew meanwhile, and only the old copy is gone.
                deleted.Add(file);
        }

        RemoveEmptyFolders();
        return [.. survey.Garbage.Where(deleted.Contains)];
    }

    private static bool Remove(string path)
    {
        if (!File.Exists(path))
            return false;

        File.Delete(path);
        return true;
    }

    private void RemoveEmptyFolders()
    {
        var checkpoints = Path.Combine(root, "checkpoints");
        foreach (var folder in Directory.Exists(checkpoints) ? Directory.EnumerateDirectories(checkpoints) : [])
        {
            try
            {
                if (!Directory.EnumerateFileSystemEntries(folder).Any())
                    Directory.Delete(folder);
            }
            catch (IOException)
            {
                // A stage has just written there.
            }
        }
    }
}
