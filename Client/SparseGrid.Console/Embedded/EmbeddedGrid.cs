using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Console.Reports;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Silo.Embedding;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Embedded;

/// <summary>A grid inside this process: one silo that keeps everything in one folder.</summary>
public sealed class EmbeddedGrid : IGrid
{
    private readonly EmbeddedSilo silo;

    private EmbeddedGrid(EmbeddedSilo silo) => this.silo = silo;

    /// <inheritdoc/>
    public IGrainFactory Grains => silo.Grains;

    /// <inheritdoc/>
    public Task<Exception> Lost => silo.Lost;

    /// <inheritdoc/>
    public IArtifactStore Artifacts => silo.Services.GetRequiredService<IArtifactStore>();

    /// <summary>Starts it.</summary>
    /// <exception cref="InputException">The folder cannot be made or written.</exception>
    /// <exception cref="IOException">The folder cannot be used, or another process uses it.</exception>
    public static async Task<IGrid> Start(EmbeddedSettings settings)
    {
        try
        {
            Directory.CreateDirectory(settings.Folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException(
                $"--folder is {settings.Folder}: it is no folder and cannot be made one ({Words.OneLine(fault.Message)}). Give another folder.");
        }

        try
        {
            return new EmbeddedGrid(await EmbeddedSilo.StartAsync(settings.Options));
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException and not (FolderInUseException or GridDatabaseException))
        {
            throw new InputException(
                $"--folder is {settings.Folder}: it cannot be written ({Words.OneLine(fault.Message)}). Make room there or make it writable, or give another folder.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => silo.DisposeAsync();
}
