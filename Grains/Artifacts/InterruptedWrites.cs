namespace SparseGrid.Grains.Artifacts;

/// <summary>What a killed process leaves of the files it was writing: temporary files that nobody will rename.</summary>
public static class InterruptedWrites
{
    private static readonly string[] Folders = ["artifacts", "checkpoints"];

    /// <summary>Deletes them under a grid's folder. Only for whoever has the folder alone: another's write may be under way.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public static void Remove(string root)
    {
        foreach (var folder in Folders.Select(name => Path.Combine(root, name)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.tmp", SearchOption.AllDirectories))
                File.Delete(file);
        }
    }
}
