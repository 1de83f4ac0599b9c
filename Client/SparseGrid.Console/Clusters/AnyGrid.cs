using SparseGrid.Console.Embedded;
using SparseGrid.Silo;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Clusters;

/// <summary>The grid of a folder, to be asked and not to run anything: that of its cluster where silos have it, otherwise one in this process.</summary>
internal static class AnyGrid
{
    /// <summary>Opens it.</summary>
    /// <param name="start">Starts a grid in this process.</param>
    /// <exception cref="InputException">There is no grid there, or no silo answers.</exception>
    /// <exception cref="FolderInUseException">A run has the folder alone.</exception>
    public static async Task<IGrid> Open(ClusterSettings cluster, Func<EmbeddedSettings, Task<IGrid>> start, CancellationToken stop)
    {
        if (cluster.Redis is not null)
            return await ClusterGrid.Connect(cluster, stop);
        if (!File.Exists(Profiles.Database(Path.GetFullPath(cluster.Folder))))
            throw new InputException($"--folder is {cluster.Folder}: there is no grid, no {Profiles.Database(cluster.Folder)}. Give the folder of a grid, or run a sweep first.");

        try
        {
            return await start(new(cluster.Folder, Slots: 0));
        }
        catch (FolderInUseException shared) when (shared.IsShared)
        {
            return await ClusterGrid.Connect(cluster, stop);
        }
    }
}
