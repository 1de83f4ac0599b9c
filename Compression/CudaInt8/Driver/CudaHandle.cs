using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>Something that the driver made on a GPU and has to free there.</summary>
internal abstract class CudaHandle : SafeHandle
{
    private readonly CudaDevice device;

    protected CudaHandle(CudaDevice device, nint value)
        : base(0, ownsHandle: true)
    {
        this.device = device;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The driver's own word for it; the object must outlive its use.</summary>
    public nint Value => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    protected abstract int Free(nint value);

    // With the device went its context, and all that was in it, unless libtorch holds that too: then what was not disposed before stays until the process ends.
    protected override bool ReleaseHandle()
    {
        try
        {
            using var current = device.Enter();
            return Free(handle) == 0;
        }
        catch (Exception e) when (e is ObjectDisposedException or CudaException)
        {
            return false;
        }
    }
}
