using Microsoft.Extensions.Options;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Stages.Runners;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Silo;

/// <summary>What computes on a silo.</summary>
public static class Compute
{
    /// <summary>Adds the stages of <c>Compression</c>, what a plan needs to know of this silo, and the assembly of results.</summary>
    public static IServiceCollection AddSparseGridCompute(this IServiceCollection services) => services
        .AddSingleton<IExecutionEnvironment>(provider => new ExecutionEnvironment(provider.GetRequiredService<IOptions<DeviceOptions>>().Value.Device))
        .AddSingleton<IComputeEnvironments, ComputeEnvironments>()
        .AddSingleton<DataCatalog>()
        .AddSingleton<IStageRunner, CompressionStageRunner>()
        .AddSingleton<IPlanInputs, LocalPlanInputs>()
        .AddSingleton<IResultAssembler, ResultAssembler>();
}
