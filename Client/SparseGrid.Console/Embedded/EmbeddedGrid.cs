using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Embedded;

/// <summary>A grid inside this process: one silo that keeps everything in one folder.</summary>
public sealed class EmbeddedGrid : IGrid
{
    private readonly EmbeddedSilo silo;

    private EmbeddedGrid(EmbeddedSilo silo) => this.silo = silo;

    /// <inheritdoc/>
    public IGrainFactory Grains => silo.Grains;

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">The folder cannot be used, or another process uses it.</exception>
    public static async Task<IGrid> Start(EmbeddedSettings settings) =>
        new EmbeddedGrid(await EmbeddedSilo.StartAsync(new EmbeddedOptions
        {
            Folder = settings.Folder, Slots = settings.Slots, Settings = new Dictionary<string, string?> { ["Devices:Device"] = settings.Device },
        }));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => silo.DisposeAsync();
}
