using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a plan depends on beside the spec.</summary>
/// <param name="Data">The data's identity, from the files' contents.</param>
/// <param name="RuntimeVersion">Name and version of the runtime that evaluates and measures: onnxruntime 1.31.1.</param>
/// <param name="DeviceFingerprint">Machine and device that measure.</param>
/// <param name="Evaluator">Name and version of the runtime that evaluates what the measuring one does not; null where that is the same.</param>
/// <param name="EvaluatorFingerprint">Machine and device that it runs on.</param>
/// <param name="Model">The network that the user brought; null for a builder's that is trained from the seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.plan-inputs")]
public sealed record PlanInputs(
    DataIdentity Data, NumericsFingerprint Numerics, string RuntimeVersion, string DeviceFingerprint, PlannedModel? Model = null,
    string? Evaluator = null, string? EvaluatorFingerprint = null)
{
    /// <summary>A runtime as the silos had it for which the plan was made.</summary>
    /// <param name="name">As stages name it.</param>
    public OfferedRuntime Runtime(string name) => name == MeasureSettings.OnnxRuntime && Evaluator is not null && EvaluatorFingerprint is not null
        ? new(name, Evaluator, EvaluatorFingerprint)
        : new(name, RuntimeVersion, DeviceFingerprint);
}
