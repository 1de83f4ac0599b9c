using SparseGrid.Compression.Graph;
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

        CheckLayers(spec);

        // On a thread of the pool: hashing and reading a large set takes seconds, in which the silo has other grains to answer.
        var identity = await Task.Run(() => Identity(spec.Data));
        return new(
            identity,
            new NumericsFingerprint(NumericsVersion, ComputeDevice.LibtorchVersion, spec.Numerics.Device, "fp32", "eager", spec.Numerics.Threads),
            environment.RuntimeVersion(spec.Measure.Runtime),
            environment.DeviceFingerprint);
    }

    // A layer that the network has not is to be heard of before anything trains. Names do not depend on the images.
    private static void CheckLayers(SweepSpec spec)
    {
        var graph = new Lazy<LayerGraph>(() => ResNet.Build(spec.Model.Network, new ImageShape(3, 32, 32), classes: 2, spec.Model.Width));
        void Check(string section, Action check)
        {
            try
            {
                check();
            }
            catch (InvalidDataException fault)
            {
                throw new InvalidDataException($"variants.{section}: {fault.Message}", fault);
            }
        }

        foreach (var prune in (spec.Variants.Sparse?.Prune ?? []).Where(prune => prune.Exclude is not null))
            Check("sparse.prune.exclude", () => LayerChoice.Of(prune).Check(graph.Value));
        foreach (var (kind, settings) in new[] { ("ptq", spec.Variants.Ptq?.Quantize), ("qat", spec.Variants.Qat?.Quantize) })
        {
            foreach (var layers in (settings ?? []).Select(quantize => quantize.Layers).Where(layers => layers is not null))
                Check($"{kind}.quantize", () => LayerChoice.Of(layers).Of(graph.Value));
        }
    }

    private DataIdentity Identity(DataSettings settings)
    {
        // Read, not just hashed: data that cannot be used are to be heard of before anything runs.
        var identity = data.IdentityOf(settings);
        data.For(settings, identity);
        return identity;
    }
}
