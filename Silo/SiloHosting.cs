using Microsoft.Extensions.Options;
using SparseGrid.Grains;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Silo;

/// <summary>Composes a silo. Clustering, storage and reminders come from the <c>Orleans</c> configuration section alone.</summary>
public static class SiloHosting
{
    /// <summary>Adds a silo with the grid and the folders of <see cref="FolderOptions"/>.</summary>
    /// <exception cref="OptionsValidationException">At start, where an option is out of its range; names all that are.</exception>
    public static IHostApplicationBuilder AddSparseGridSilo(this IHostApplicationBuilder host)
    {
        host.Services.AddOptions<FolderOptions>().BindConfiguration("Folder").ValidateDataAnnotations().ValidateOnStart();
        host.Services.AddOptions<GridOptions>().ValidateDataAnnotations().ValidateOnStart();
        host.Services.AddOptions<CheckpointOptions>().ValidateDataAnnotations().ValidateOnStart();
        host.Services.AddOptions<DeviceOptions>().ValidateDataAnnotations().ValidateOnStart();
        host.Services.AddSingleton<IArtifactStore>(services => new FolderArtifactStore(RootOf(services)));
        host.Services.AddSingleton<ICheckpointStore>(services =>
            new FolderCheckpointStore(RootOf(services), services.GetRequiredService<ILogger<FolderCheckpointStore>>()));
        host.Services.AddSparseGridCompute();
        host.Services.AddSteadyActivationClock();
        host.UseOrleans(silo => silo.AddSparseGrid());
        return host;
    }

    private static string RootOf(IServiceProvider services) => Path.GetFullPath(services.GetRequiredService<IOptions<FolderOptions>>().Value.Root);
}
