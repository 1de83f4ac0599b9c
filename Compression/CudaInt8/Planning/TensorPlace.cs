namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>The memory of one tensor.</summary>
/// <param name="Tensor">Its index.</param>
/// <param name="Offset">In bytes.</param>
/// <param name="Bytes">A multiple of <see cref="MemoryPlan.Alignment"/>.</param>
/// <param name="First">The first step that uses it.</param>
/// <param name="Last">The last one.</param>
public readonly record struct TensorPlace(int Tensor, long Offset, long Bytes, int First, int Last)
{
    /// <summary>True where both live during some step.</summary>
    public bool Meets(TensorPlace other) => First <= other.Last && other.First <= Last;
}
