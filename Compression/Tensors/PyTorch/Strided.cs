namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>Copies a strided view into row-major order.</summary>
internal static class Strided
{
    /// <param name="storage">All values of the storage.</param>
    /// <param name="tensor">A view that lies inside.</param>
    /// <param name="into">As many bytes as the view has.</param>
    /// <param name="size">Bytes a value.</param>
    public static void Copy(ReadOnlySpan<byte> storage, PyTorchTensor tensor, Span<byte> into, int size)
    {
        // The innermost axes that lie densely are copied as one run.
        var run = 1L;
        var outer = tensor.Shape.Length;
        while (outer > 0 && (tensor.Strides[outer - 1] == run || tensor.Shape[outer - 1] == 1))
            run *= tensor.Shape[--outer];

        var index = new long[outer];
        var from = tensor.Offset;
        for (var to = 0; to < into.Length; to += (int)(run * size))
        {
            storage.Slice(checked((int)(from * size)), (int)(run * size)).CopyTo(into[to..]);
            for (var axis = outer - 1; axis >= 0; axis--)
            {
                from += tensor.Strides[axis];
                if (++index[axis] < tensor.Shape[axis])
                    break;
                from -= tensor.Strides[axis] * tensor.Shape[axis];
                index[axis] = 0;
            }
        }
    }
}
