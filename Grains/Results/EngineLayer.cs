namespace SparseGrid.Grains.Results;

/// <summary>What the engine did with one layer of a measured file.</summary>
/// <param name="Layer">Name of the layer, with what was fused into it.</param>
/// <param name="Shape">How it slides: 3x3 s1 64->64 @56x56.</param>
/// <param name="TwoFour">True where its weights hold at least two zeros in each four.</param>
/// <param name="Eligible">True where a tensor-core kernel can run it.</param>
/// <param name="Sparse">True where a 2:4 kernel was chosen.</param>
/// <param name="Kernel">What runs.</param>
/// <param name="DenseMicroseconds">Of the fastest dense kernel, alone and repeated; null where none was measured.</param>
/// <param name="SparseMicroseconds">Of the fastest 2:4 kernel.</param>
/// <param name="Operations">Multiplications and additions of a call, zeros included.</param>
/// <param name="Bytes">What a call must read and write at least.</param>
/// <param name="Reason">Why, in words, with advice where the times give some.</param>
public sealed record EngineLayer(
    string Layer, string Shape, bool TwoFour, bool Eligible, bool Sparse, string Kernel, double? DenseMicroseconds, double? SparseMicroseconds, long Operations, long Bytes, string Reason)
{
    /// <summary>The role of the artifact that lists them, JSON.</summary>
    public const string Role = "engine_layers";

    /// <summary>True where this is what became of that layer of the network.</summary>
    public bool IsOf(string layer) => Layer == layer || Layer.StartsWith(layer + "+", StringComparison.Ordinal);
}
