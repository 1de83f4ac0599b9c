using System.Globalization;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>What an engine does with one convolution or fully connected layer.</summary>
/// <param name="Layer">Name of the layer, with what was fused into it.</param>
/// <param name="Geometry">Its shape.</param>
/// <param name="TwoFour">True where its weights hold at least two zeros in each four.</param>
/// <param name="Ineligible">Why no tensor-core kernel can run it; null where one can.</param>
/// <param name="Kernel">What runs.</param>
/// <param name="Sparse">True where that is a 2:4 kernel.</param>
/// <param name="DenseMicroseconds">Of the fastest dense kernel, alone and repeated; null where none was measured.</param>
/// <param name="SparseMicroseconds">Of the fastest 2:4 kernel.</param>
/// <param name="Operations">Multiplications and additions of a call, zeros included.</param>
/// <param name="Bytes">Activations and dense weights that a call must read and write at least.</param>
public sealed record LayerReport(
    string Layer, ConvGeometry Geometry, bool TwoFour, string? Ineligible, string Kernel, bool Sparse, double? DenseMicroseconds, double? SparseMicroseconds, long Operations, long Bytes)
{
    /// <summary>What was decided and why, from what was measured.</summary>
    public string Reason =>
        Ineligible is not null ? $"runs on a plain kernel: {Ineligible}"
        : !TwoFour ? "weights are dense"
        : (DenseMicroseconds, SparseMicroseconds) is not ({ } dense, { } sparse) ? Sparse ? "2:4 as asked" : "dense as asked"
        : string.Create(CultureInfo.InvariantCulture, $"2:4 takes {sparse:F1} us and dense {dense:F1}: {Verdict(dense / sparse)}");

    private static string Verdict(double gain) =>
        gain >= 1.05 ? $"{gain.ToString("F2", CultureInfo.InvariantCulture)} times as fast"
        : gain >= 1 ? "hardly a gain"
        : "leave dense";
}
