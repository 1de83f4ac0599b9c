using System.Diagnostics;
using System.Text;

namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>A GPU, with the context that all libraries in this process share. Dispose it after everything that was made on it.</summary>
public sealed unsafe class CudaDevice : IDisposable
{
    /// <summary>The first driver with all that is called here: CUDA 12.0.</summary>
    internal const int OldestDriver = 12_000;

    private const int MultiprocessorCount = 16, Major = 75, Minor = 76, MostSharedBytes = 97;
    private readonly int device;
    private readonly nint context;
    private bool disposed;

    private CudaDevice(int device, nint context, string name, int driver)
    {
        (this.device, this.context, Name, Driver) = (device, context, name, driver);
        Architecture = Attribute(Major) * 10 + Attribute(Minor);
        Multiprocessors = Attribute(MultiprocessorCount);
        SharedBytes = Attribute(MostSharedBytes);
        var uuid = stackalloc byte[16];
        CudaDriver.Check(CudaDriver.cuDeviceGetUuid_v2(uuid, device), "asking for the GPU's UUID");
        Uuid = Convert.ToHexStringLower(new ReadOnlySpan<byte>(uuid, 16));
    }

    /// <summary>The driver's name for it: NVIDIA H100 80GB HBM3.</summary>
    public string Name { get; }

    /// <summary>What tells it from every other GPU, 32 hex digits.</summary>
    public string Uuid { get; }

    /// <summary>CUDA version of the driver: 13000 for 13.0.</summary>
    public int Driver { get; }

    /// <summary>Compute capability: 90 for 9.0.</summary>
    public int Architecture { get; }

    /// <summary>Streaming multiprocessors.</summary>
    public int Multiprocessors { get; }

    /// <summary>Shared memory that one block may ask for, in bytes.</summary>
    public int SharedBytes { get; }

    /// <summary>True where this machine has a driver and a GPU that the engine can use; else the reason why not.</summary>
    public static bool IsAvailable(out string reason)
    {
        try
        {
            using var first = Open();
            reason = "";
            return true;
        }
        catch (CudaException e)
        {
            reason = e.Message;
            return false;
        }
    }

    /// <summary>Opens a GPU.</summary>
    /// <param name="ordinal">Which, counted from 0 in the driver's order.</param>
    /// <exception cref="CudaException">There is no driver, it is too old, there is no such GPU, or its generation lacks the instructions.</exception>
    public static CudaDevice Open(int ordinal = 0)
    {
        int driver;
        try
        {
            CudaDriver.Check(CudaDriver.cuInit(0), "starting the driver");
            CudaDriver.Check(CudaDriver.cuDriverGetVersion(out driver), "asking for its version");
        }
        catch (DllNotFoundException)
        {
            throw new CudaException("There is no NVIDIA driver on this machine: libcuda.so.1 was not found. Engine cuda-int8 needs an NVIDIA GPU of compute capability 8.0 or newer.");
        }

        CheckDriver(driver);
        CudaDriver.Check(CudaDriver.cuDeviceGetCount(out var count), "counting the GPUs");
        if (ordinal < 0 || ordinal >= count)
            throw new CudaException($"GPU {ordinal} was asked for, but the driver lists {count}; they are counted from 0.");

        CudaDriver.Check(CudaDriver.cuDeviceGet(out var device, ordinal), $"opening GPU {ordinal}");
        var name = stackalloc byte[256];
        CudaDriver.Check(CudaDriver.cuDeviceGetName(name, 256, device), $"asking GPU {ordinal} for its name");
        CudaDriver.Check(CudaDriver.cuDevicePrimaryCtxRetain(out var context, device), $"opening a context on GPU {ordinal}");
        try
        {
            var opened = new CudaDevice(device, context, Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, 256)).TrimEnd('\0'), driver);
            return opened.Architecture >= 80
                ? opened
                : throw new CudaException($"GPU {ordinal}, {opened.Name}, has compute capability {opened.Architecture / 10}.{opened.Architecture % 10}; 2:4 instructions for 8-bit integers begin with 8.0.");
        }
        catch
        {
            _ = CudaDriver.cuDevicePrimaryCtxRelease_v2(device);
            throw;
        }
    }

    /// <summary>Refuses a driver that lacks functions which are called here.</summary>
    internal static void CheckDriver(int version)
    {
        if (version < OldestDriver)
            throw new CudaException($"The NVIDIA driver is for CUDA {version / 1000}.{version % 1000 / 10}; engine cuda-int8 needs {OldestDriver / 1000}.{OldestDriver % 1000 / 10} or newer. Update the driver.");
    }

    /// <summary>Free memory, in bytes.</summary>
    public long FreeBytes
    {
        get
        {
            using var current = Enter();
            CudaDriver.Check(CudaDriver.cuMemGetInfo_v2(out var free, out _), "asking for free memory");
            return (long)free;
        }
    }

    /// <summary>Makes this GPU's context the calling thread's until the result is disposed.</summary>
    internal Entered Enter()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CudaDriver.Check(CudaDriver.cuCtxPushCurrent_v2(context), "entering the context");
        return new(context);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        _ = CudaDriver.cuDevicePrimaryCtxRelease_v2(device);
    }

    private int Attribute(int attribute)
    {
        CudaDriver.Check(CudaDriver.cuDeviceGetAttribute(out var value, attribute, device), $"asking for attribute {attribute}");
        return value;
    }

    /// <summary>A context that is current; disposing it brings back the one before.</summary>
    internal readonly ref struct Entered(nint context)
    {
        public void Dispose()
        {
            _ = CudaDriver.cuCtxPopCurrent_v2(out var popped);
            Debug.Assert(popped == context, "contexts are left in the order in which they were entered");
        }
    }
}
