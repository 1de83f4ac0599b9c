using System.Globalization;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>What an engine does with one convolution or fully connected layer.</summary>
/// <param name="Layer">Name of the layer, with what was fused into it.</param>
/// <param name="Geometry">Its shape.</param>
/// <param name="TwoFour">True where its weights hold at least two zeros in each four.</param>
/// <param name="Ineligible">Why no tensor-core kernel can run it; null where one can.</param>
/// <param name="Kernel">What runs.</param>
/// <param name="Sparse">True where that is a 2:4 kernel.</param>
/// <param name="DenseMicroseconds">Of the chosen dense kernel, alone and repeated; null where none was measured.</param>
/// <param name="SparseMicroseconds">Of the chosen 2:4 kernel.</param>
/// <param name="Operations">Multiplications and additions of a call, zeros included.</param>
/// <param name="Bytes">Activations and dense weights that a call must read and write at least.</param>
public sealed record LayerReport(
    string Layer, ConvGeometry Geometry, bool TwoFour, string? Ineligible, string Kernel, bool Sparse, double? DenseMicroseconds, double? SparseMicroseconds, long Operations, long Bytes)
{
    /// <summary>Name of the kernel for up to four channels.</summary>
    internal const string Image = "image";

    /// <summary>From here on 2:4 is called faster: repeated timings of one kernel differ by up to 3 %.</summary>
    private const double Gain = 1.05;

    /// <summary>Kernels shorter than this are mostly launch and first loads, in microseconds.</summary>
    private const double Short = 6;

    /// <summary>Bytes per microsecond from which memory, not arithmetic, sets the time: about half of what an H100 copies.</summary>
    private const double MemoryBound = 1.4e6;

    /// <summary>What was decided and why, in words; advice comes from the times in this row alone.</summary>
    public string Reason => Ineligible is not null || Geometry is { Input.Channels: var inputs, Output.Channels: var outputs } && inputs % WeightBlocks.Side == 0 && outputs % WeightBlocks.Side == 0
        ? Decision
        : $"{Decision}; {Geometry.Input.Channels} to {Geometry.Output.Channels} channels cost as much as {WeightBlocks.Padded(Geometry.Input.Channels)} to {WeightBlocks.Padded(Geometry.Output.Channels)}";

    private string Decision =>
        Ineligible is not null ? $"{(Kernel == Image ? "kernel for images" : "plain kernel")}: {Ineligible}"
        : !TwoFour ? "weights are dense"
        : (DenseMicroseconds, SparseMicroseconds) is not ({ } dense, { } sparse) ? Sparse ? "2:4 as asked" : "dense as asked"
        : string.Create(CultureInfo.InvariantCulture, $"2:4 takes {sparse:F1} us and dense {dense:F1}: {Verdict(dense / sparse, dense, Bytes / Math.Min(dense, sparse))}");

    // The times are of the kernel in a row; between its neighbours the other form may do better, which is what decides. "Leave dense" is said of layers that were left dense alone.
    private string Verdict(double gain, double dense, double rate)
    {
        var why = gain < Gain && dense < Short ? "too short for arithmetic to count; a larger batch may pay"
            : rate >= MemoryBound ? string.Create(CultureInfo.InvariantCulture, $"it moves {rate / 1e6:F1} TB/s, so memory binds")
            : "";
        var alone = gain >= Gain ? string.Create(CultureInfo.InvariantCulture, $"{gain:F2} times as fast") : gain >= 1 ? "hardly a gain" : "no gain";
        var said = Sparse || gain >= Gain ? why.Length > 0 ? $"{alone}; {why}" : alone
            : why.Length > 0 ? $"leave dense: {why}"
            : gain >= 1 ? $"leave dense: {alone}"
            : "leave dense";
        return Sparse == (gain >= Gain) ? said : $"{said}; {(Sparse ? "2:4" : "dense")} was chosen by the time of the whole network";
    }
}
