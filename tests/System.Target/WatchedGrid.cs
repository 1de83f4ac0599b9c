using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Console.Embedded;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Stages;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.System.Target;

/// <summary>The embedded grid of the product, with the point of death set around its stages and stores.</summary>
internal sealed class WatchedGrid(EmbeddedSilo silo) : IGrid
{
    public IGrainFactory Grains => silo.Grains;

    public IArtifactStore Artifacts => silo.Services.GetRequiredService<IArtifactStore>();

    public Task<Exception> Lost => silo.Lost;

    public static async Task<IGrid> Start(EmbeddedSettings settings) => new WatchedGrid(await EmbeddedSilo.StartAsync(settings.Options, services =>
    {
        FaultyStages.AddTo(services);
        if (KillPoint.OfEnvironment() is not { } point)
            return;

        services.AddSingleton(new Death(point));
        Around<IStageRunner, WatchedStages>(services);
        Around<ICheckpointStore, WatchedCheckpoints>(services);
        Around<IArtifactStore, WatchedArtifacts>(services);
    }));

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    // The last registration is the one that is taken; it makes the one before it and stands around it.
    private static void Around<TService, TAround>(IServiceCollection services)
        where TService : class
        where TAround : class, TService
    {
        var product = services.Last(service => service.ServiceType == typeof(TService));
        services.AddSingleton<TService>(provider => ActivatorUtilities.CreateInstance<TAround>(
            provider,
            product.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, product.ImplementationType!)));
    }
}
