#pragma warning disable CA2201 // Thrown as TorchSharp throws what libtorch raises.
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.System.Target;

/// <summary>The real stages, one kind of which fails as libtorch lets it: the environment names kind and message, <c>train:CUDA error: …</c>.</summary>
internal sealed class FaultyStages(IStageRunner stages, string kind, string message) : IStageRunner
{
    /// <summary>Puts them around the product's where the environment names a fault.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("SPARSEGRID_FAULT") is { Length: > 0 } text && text.Split(':', 2) is [var kind, var message])
        {
            var product = services.Last(service => service.ServiceType == typeof(IStageRunner));
            services.AddSingleton<IStageRunner>(provider => new FaultyStages(
                (IStageRunner)ActivatorUtilities.CreateInstance(provider, product.ImplementationType!), kind, message));
        }
    }

    public StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop) =>
        request.Stage.Kind == kind ? throw new ExternalException(message) : stages.Run(request, progress, stop);
}
