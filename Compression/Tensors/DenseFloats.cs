using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tensors;

/// <summary>The memory of a float32 tensor on the processor, in the order in which it lies there.</summary>
internal static class DenseFloats
{
    /// <summary>All values in one span, whatever the order of the axes; writing to it is not recorded by autograd.</summary>
    /// <param name="tensor">Without gaps: fresh from an operator, or checked by <see cref="IsDense"/>. It must outlive the span.</param>
    public static Span<float> Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().as_strided([tensor.numel()], [1], tensor.storage_offset()).bytes);
    }

    /// <summary>True where the values lie without gaps, with the first axis outermost: row-major, or channels last.</summary>
    public static bool IsDense(Tensor tensor)
    {
        if (tensor.is_contiguous())
            return true;

        using var channelsLast = tensor.dim() == 4 ? tensor.permute(0, 2, 3, 1) : null;
        return channelsLast?.is_contiguous() ?? false;
    }

    /// <summary>The same values with the channels innermost in memory, [N, H, W, C]: what the processor's convolutions are fastest with.</summary>
    /// <param name="tensor">[N, C, H, W].</param>
    /// <returns>Of the same shape; the caller owns it.</returns>
    public static Tensor ChannelsLast(Tensor tensor)
    {
        using var moved = tensor.permute(0, 2, 3, 1);
        using var dense = moved.contiguous();
        // Said outright: with one channel or a 1x1 kernel both orders are the same memory, and the strides alone tell the operators which one is meant.
        var (channels, height, width) = (tensor.shape[1], tensor.shape[2], tensor.shape[3]);
        return dense.as_strided(tensor.shape, [channels * height * width, 1, channels * width, channels], dense.storage_offset());
    }
}
