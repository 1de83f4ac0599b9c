using SparseGrid.Compression.Graph;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Compression.Training;

/// <summary>Average pools whose padding the framework's operator does not know: unequal, or wider than half the kernel.</summary>
internal static class PaddedMean
{
    /// <summary>Mean of each window, [N, C, H', W']; padding counts where the pool says so, else the divisor is the number of pixels that are none.</summary>
    /// <exception cref="NotSupportedException">The pool is dilated.</exception>
    public static Tensor Of(AveragePool pool, Tensor x)
    {
        var window = pool.Window;
        if (FaultOf(pool) is { } fault)
            throw new NotSupportedException(fault);
        long[] kernel = [window.KernelHeight, window.KernelWidth], strides = [window.StrideHeight, window.StrideWidth];
        if ((window.PadTop, window.PadLeft) == (window.PadBottom, window.PadRight) && 2 * window.PadTop <= window.KernelHeight && 2 * window.PadLeft <= window.KernelWidth)
            return avg_pool2d(x, kernel, strides, [window.PadTop, window.PadLeft], count_include_pad: pool.CountPadding);

        var padded = pad(x, [window.PadLeft, window.PadRight, window.PadTop, window.PadBottom], PaddingModes.Constant, 0);
        if (pool.CountPadding)
            return avg_pool2d(padded, kernel, strides, [0, 0]);
        var sums = avg_pool2d(padded, kernel, strides, [0, 0], divisor_override: 1);
        using var rows = tensor(Inside((int)x.shape[2], window.KernelHeight, window.StrideHeight, window.PadTop, (int)sums.shape[2]), [1, 1, sums.shape[2], 1], device: x.device);
        using var columns = tensor(Inside((int)x.shape[3], window.KernelWidth, window.StrideWidth, window.PadLeft, (int)sums.shape[3]), [1, 1, 1, sums.shape[3]], device: x.device);
        using var counts = rows.mul(columns);
        return sums.div_(counts);
    }

    /// <summary>Why the pool cannot be run; null where it can.</summary>
    public static string? FaultOf(AveragePool pool) => (pool.Window.DilationHeight, pool.Window.DilationWidth) == (1, 1)
        ? null
        : $"Node '{pool.Name}' is an average pool with dilation, which the trainer cannot run; pool without dilation.";

    // How many pixels each window holds along one axis; 1 for one that lies in the padding, whose sum is 0.
    private static float[] Inside(int size, int kernel, int stride, int before, int windows) =>
        [.. Enumerable.Range(0, windows).Select(at => (float)Math.Max(1, Math.Min(size, at * stride - before + kernel) - Math.Max(0, at * stride - before)))];
}
