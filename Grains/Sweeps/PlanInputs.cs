using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a plan depends on beside the spec.</summary>
/// <param name="Data">The data's identity, from the files' contents.</param>
/// <param name="RuntimeVersion">Name and version of the runtime that evaluates and measures: onnxruntime 1.31.1.</param>
/// <param name="DeviceFingerprint">Machine and device that measure.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.plan-inputs")]
public sealed record PlanInputs(DataIdentity Data, NumericsFingerprint Numerics, string RuntimeVersion, string DeviceFingerprint);
