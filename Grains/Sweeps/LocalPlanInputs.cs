using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages.Runners;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Plan inputs as this silo sees them: its data files, its libraries, its device.</summary>
public sealed class LocalPlanInputs(IExecutionEnvironment environment, DataCatalog data) : IPlanInputs
{
    /// <summary>Raised by every change that alters results: another draw, another order of operations, another default.</summary>
    private const int NumericsVersion = 2;

    /// <inheritdoc/>
    public ValueTask<PlanInputs> For(SweepSpec spec)
    {
        if (spec.Numerics.Device == environment.Device)
            environment.CheckDevice();

        // Read, not just hashed: data that cannot be used are to be heard of before anything runs.
        var identity = DataCatalog.IdentityOf(spec.Data);
        data.For(spec.Data, identity);
        return ValueTask.FromResult(new PlanInputs(
            identity,
            new NumericsFingerprint(NumericsVersion, ComputeDevice.LibtorchVersion, spec.Numerics.Device, "fp32", "eager", spec.Numerics.Threads),
            environment.RuntimeVersion(spec.Measure.Runtime),
            environment.DeviceFingerprint));
    }
}
