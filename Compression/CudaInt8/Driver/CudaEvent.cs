namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>A point in a stream whose time is taken.</summary>
internal sealed class CudaEvent : CudaHandle
{
    private CudaEvent(CudaDevice device, nint value)
        : base(device, value)
    {
    }

    public static CudaEvent Create(CudaDevice device)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuEventCreate(out var handle, 0), "making an event");
        return new(device, handle);
    }

    protected override int Free(nint value) => CudaDriver.cuEventDestroy_v2(value);
}
