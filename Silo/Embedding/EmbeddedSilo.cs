using SparseGrid.Grains.Slots;
using SparseGrid.Silo.Logging;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Embedding;

/// <summary>A whole grid inside this process: one silo, loopback only, its state in one folder. Sweeps run on only when they are submitted again.</summary>
public sealed class EmbeddedSilo : IAsyncDisposable
{
    private readonly IHost host;
    private readonly FolderLock folder;
    private int stopped;

    private EmbeddedSilo(IHost host, FolderLock folder)
    {
        (this.host, this.folder) = (host, folder);
        Grains = host.Services.GetRequiredService<IGrainFactory>();
        Lost = FirstFault(host.Services.GetRequiredService<StoreHealth>().Lost, host.Services.GetRequiredService<DeviceFault>().Lost);
    }

    /// <summary>The way to the grains.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>
    /// Ends with the fault when the grid's database cannot be written any more, so that nothing that runs can be kept, or when its device has failed, so that
    /// nothing can run; otherwise never.
    /// </summary>
    public Task<Exception> Lost { get; }

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Takes the folder, starts the silo and returns when it answers.</summary>
    /// <param name="configure">Adds what computes: stage runner, result assembler, plan inputs, execution environment.</param>
    /// <exception cref="FolderInUseException">Another process has the folder.</exception>
    /// <exception cref="IOException">The folder or the database in it cannot be used; says why and what to do.</exception>
    public static async Task<EmbeddedSilo> StartAsync(
        EmbeddedOptions options, Action<IServiceCollection>? configure = null, CancellationToken cancellationToken = default)
    {
        var root = Path.GetFullPath(options.Folder);
        var taken = FolderLock.Take(root);
        IHost? host = null;
        try
        {
            // An empty builder: the console's arguments, environment and terminal are no business of the silo's.
            var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "SparseGrid" });
            builder.Configuration.AddInMemoryCollection(Profiles.Embedded(root));
            builder.Configuration.AddInMemoryCollection(
                [new("Devices:SlotsPerDevice", $"{options.Slots}"), new("Grid:ResumeUnasked", "false"), new("Grid:WaitForStorage", "false"), .. options.Settings]);
            builder.Logging.AddProvider(new FileLoggerProvider(Path.Combine(root, "silo.log"), TimeProvider.System));
            builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("SparseGrid", LogLevel.Information);
            builder.AddSparseGridSilo();
            builder.Services.AddSingleSiloClocks();
            WatchedStorage.Watch(builder.Services, Profiles.Database(root));
            builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
            configure?.Invoke(builder.Services);

            host = builder.Build();
            await host.StartAsync(cancellationToken);
            return new(host, taken);
        }
        catch
        {
            host?.Dispose();
            taken.Dispose();
            throw;
        }
    }

    private static async Task<Exception> FirstFault(Task<IOException> store, Task<DeviceFaultException> device) =>
        await Task.WhenAny(store, device) == store ? await store : await device;

    /// <summary>Lets running stages write checkpoints, stops the silo and gives the folder back. Safe to repeat.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0)
            return;

        try
        {
            await host.StopAsync();
        }
        finally
        {
            host.Dispose();
            folder.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();
}
