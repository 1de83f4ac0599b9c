using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Results;

/// <summary>The 2:4 state of one layer in three steps: mask valid, eligible on the runtime, sparse kernel really chosen; and whether it is quantized.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Shape">Its weight's shape: 32x16x3x3.</param>
/// <param name="Weights">Number of weights.</param>
/// <param name="Zeros">Zeros among them, in the exported file.</param>
/// <param name="Pruned">True where 2:4 was applied.</param>
/// <param name="MaskValid">True where every exported group of four along the input channels has at least two zeros.</param>
/// <param name="SparseKernel">True where the runtime runs it with a sparse kernel.</param>
/// <param name="Why">Why it was not pruned, or why its sparsity is not used; empty where there is nothing to explain.</param>
/// <param name="Quantized">False where a quantized variant keeps this layer in float; null where its recipe does not choose among layers.</param>
/// <param name="WhyQuantized">The rule that decided that: excluded by 'layer4.*'.</param>
/// <param name="Kernel">What the runtime runs, where it tells.</param>
/// <param name="DenseMicroseconds">Of the fastest dense kernel, alone and repeated; null where none was measured.</param>
/// <param name="SparseMicroseconds">Of the fastest 2:4 kernel; null where none was measured.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.layer-sparsity")]
public sealed record LayerSparsity(
    string Layer, string Shape, long Weights, long Zeros, bool Pruned, bool MaskValid, bool SparseKernel, string Why,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Quantized = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? WhyQuantized = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Kernel = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? DenseMicroseconds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SparseMicroseconds = null);
