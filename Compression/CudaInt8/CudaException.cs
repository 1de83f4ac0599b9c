namespace SparseGrid.Compression.CudaInt8;

/// <summary>The GPU engine cannot do what was asked: no driver or GPU, a driver too old, no NVRTC, no memory, or a call that failed.</summary>
/// <param name="code">The driver's or compiler's own number; 0 where neither was asked.</param>
public sealed class CudaException(string message, int code = 0) : Exception(message)
{
    /// <summary>The driver's or compiler's own number; 0 where neither was asked.</summary>
    public int Code { get; } = code;
}
