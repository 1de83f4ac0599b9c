namespace SparseGrid.Silo.Embedding;

/// <summary>A host that hears no signals: the program around it decides what Ctrl-C does, and when the silo stops.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
