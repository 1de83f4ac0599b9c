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
    private const int NumericsVersion = 3;

    /// <inheritdoc/>
    public async ValueTask<PlanInputs> For(SweepSpec spec)
    {
        if (spec.Numerics.Device == environment.Device)
            environment.CheckDevice();

        // On a thread of the pool: hashing and reading a large set takes seconds, in which the silo has other grains to answer.
        var identity = await Task.Run(() => Identity(spec.Data));
        return new(
            identity,
            new NumericsFingerprint(NumericsVersion, ComputeDevice.LibtorchVersion, spec.Numerics.Device, "fp32", "eager", spec.Numerics.Threads),
            environment.RuntimeVersion(spec.Measure.Runtime),
            environment.DeviceFingerprint);
    }

    private DataIdentity Identity(DataSettings settings)
    {
        // Read, not just hashed: data that cannot be used are to be heard of before anything runs.
        var identity = data.IdentityOf(settings);
        data.For(settings, identity);
        return identity;
    }
}
