using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>One fixed machine: its data, versions and device; results with the numbers of the stages and nothing computed.</summary>
public sealed class PlainSurroundings : IPlanInputs, IExecutionEnvironment, IComputeEnvironments, IResultAssembler
{
    /// <summary>Digest that the data have now.</summary>
    public string Digest { get; set; } = new('d', 64);

    /// <summary>The network that a spec's source holds now.</summary>
    public PlannedModel? Model { get; set; }

    /// <summary>Thrown instead of reading the data.</summary>
    public Exception? Refusal { get; set; }

    public string Device => "cpu";

    public string DeviceName => "test processor";

    public string DeviceFingerprint { get; set; } = "machine 1";

    public string Versions => "libtorch 0, onnxruntime 0";

    public void CheckDevice()
    {
    }

    public SiloEnvironment Offer => new(DeviceName, "0", [new("onnxruntime", "onnxruntime 0", DeviceFingerprint), new("cuda-int8", "cuda-int8 0", DeviceFingerprint)]);

    ValueTask<SiloEnvironment> IComputeEnvironments.For(string kind) => new(Offer);

    public ValueTask<PlanInputs> For(SweepSpec spec) => Refusal is { } refusal
        ? ValueTask.FromException<PlanInputs>(refusal)
        : new(new PlanInputs(
            new(spec.Data.Format, Digest, spec.Data.Validation, spec.Data.Test, spec.Data.SplitSeed),
            new(1, "0", spec.Numerics.Device, "fp32", "eager", spec.Numerics.Threads),
            Offer.Runtime(spec.Measure.Runtime).Version,
            DeviceFingerprint,
            spec.Source is null ? null : Model));

    public VariantResult Assemble(Assignment assignment, IReadOnlyList<StageRecord> stages, VariantResult? parent, VariantResult? dense)
    {
        Assert.Equal(assignment.ParentResultKey is null, parent is null);
        Assert.Equal(assignment.DenseResultKey is null, dense is null);
        var accuracy = new Accuracy(0.5, 10, double.NaN, 0, 0, 0, 0, 1, 0.24, 0.76, 0, 0, 0);
        return new(assignment.Variant, assignment.Recipe, [.. stages], accuracy, accuracy, new(1, 1, 1, 1, 1, 1, 1), 1, []);
    }
}
