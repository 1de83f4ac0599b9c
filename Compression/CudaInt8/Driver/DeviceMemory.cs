namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>A block of the GPU's memory.</summary>
internal sealed class DeviceMemory : CudaHandle
{
    private const int OutOfMemory = 2;

    private DeviceMemory(CudaDevice device, nint value, long bytes)
        : base(device, value) => Bytes = bytes;

    public long Bytes { get; }

    /// <param name="what">For the message: the activations of 128 images.</param>
    /// <exception cref="CudaException">The GPU has not that much memory left, or the call failed.</exception>
    public static DeviceMemory Allocate(CudaDevice device, long bytes, string what)
    {
        using var current = device.Enter();
        var code = CudaDriver.cuMemAlloc_v2(out var pointer, (nuint)Math.Max(bytes, 16));
        if (code == OutOfMemory)
            throw new CudaException($"The GPU has no {bytes:N0} bytes left for {what}; {device.FreeBytes:N0} of {device.Name} are free. Take a smaller batch, or free what else is on it.", code);
        CudaDriver.Check(code, $"allocating {bytes:N0} bytes for {what}");
        return new(device, pointer, bytes);
    }

    /// <summary>A block that holds these values.</summary>
    public static unsafe DeviceMemory Of<T>(CudaDevice device, CudaStream stream, ReadOnlySpan<T> values, string what)
        where T : unmanaged
    {
        var memory = Allocate(device, (long)values.Length * sizeof(T), what);
        try
        {
            fixed (T* held = values)          // the copy may go on until the stream has been waited for
            {
                stream.Upload(values, memory.Value);
                stream.Synchronize();
            }

            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    protected override int Free(nint value) => CudaDriver.cuMemFree_v2(value);
}
