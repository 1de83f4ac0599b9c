namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>A queue of the GPU: what is put in runs in order.</summary>
internal sealed unsafe class CudaStream : CudaHandle
{
    private const uint NonBlocking = 1;
    private readonly CudaDevice device;

    private CudaStream(CudaDevice device, nint value)
        : base(device, value) => this.device = device;

    public static CudaStream Create(CudaDevice device)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuStreamCreate(out var stream, NonBlocking), "making a stream");
        return new(device, stream);
    }

    /// <summary>The stream that libraries enqueue on which are not told of another. Nobody frees it.</summary>
    public static CudaStream Default(CudaDevice device) => new(device, 0);

    /// <summary>Copies to the GPU. The values may change, or be moved, once <see cref="Synchronize"/> has returned.</summary>
    public void Upload<T>(ReadOnlySpan<T> values, nint to)
        where T : unmanaged
    {
        using var current = device.Enter();
        fixed (T* from = values)
            CudaDriver.Check(CudaDriver.cuMemcpyHtoDAsync_v2(to, from, (nuint)values.Length * (nuint)sizeof(T), Value), $"copying {values.Length * (long)sizeof(T):N0} bytes to the GPU");
    }

    /// <summary>Copies from the GPU and waits for it.</summary>
    public void Download<T>(nint from, Span<T> values)
        where T : unmanaged
    {
        using var current = device.Enter();
        fixed (T* to = values)
        {
            CudaDriver.Check(CudaDriver.cuMemcpyDtoHAsync_v2(to, from, (nuint)values.Length * (nuint)sizeof(T), Value), $"copying {values.Length * (long)sizeof(T):N0} bytes from the GPU");
            CudaDriver.Check(CudaDriver.cuStreamSynchronize(Value), "waiting for the GPU");
        }
    }

    public void Fill(nint to, byte value, long bytes)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuMemsetD8Async(to, value, (nuint)bytes, Value), $"filling {bytes:N0} bytes");
    }

    public void Launch(CudaGraph graph)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuGraphLaunch(graph.Value, Value), "launching recorded kernels");
    }

    public void Record(CudaEvent mark)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuEventRecord(mark.Value, Value), "recording an event");
    }

    /// <summary>Time between two events of this stream, in microseconds, once the second has come.</summary>
    public float Microseconds(CudaEvent start, CudaEvent end)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuEventSynchronize(end.Value), "waiting for an event");
        CudaDriver.Check(CudaDriver.cuEventElapsedTime(out var milliseconds, start.Value, end.Value), "reading a time");
        return milliseconds * 1000;
    }

    public void Synchronize()
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuStreamSynchronize(Value), "waiting for the GPU");
    }

    protected override int Free(nint value) => CudaDriver.cuStreamDestroy_v2(value);
}
