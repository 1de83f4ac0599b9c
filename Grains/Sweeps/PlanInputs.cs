using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a plan depends on beside the spec.</summary>
/// <param name="Data">The data's identity, from the files' contents.</param>
/// <param name="RuntimeVersion">Name and version of the runtime that evaluates and measures: onnxruntime 1.31.1.</param>
/// <param name="DeviceFingerprint">Machine and device that measure.</param>
/// <param name="Model">The network that the user brought; null for a builder's that is trained from the seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.plan-inputs")]
public sealed record PlanInputs(
    DataIdentity Data, NumericsFingerprint Numerics, string RuntimeVersion, string DeviceFingerprint, PlannedModel? Model = null);
