namespace SparseGrid.Silo.Embedding;

/// <summary>Ties the folder's lock to the host's life: whoever builds the host's services also gives the folder back with them.</summary>
internal sealed class FolderKeeper(FolderLock folder) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        GC.KeepAlive(folder);
        return Task.CompletedTask;
    }
}
