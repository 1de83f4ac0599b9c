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

    // A device that is gone has taken its memory along.
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
        stream.Upload(values, memory.Value);
        stream.Synchronize();
        return memory;
    }

    protected override int Free(nint value) => CudaDriver.cuMemFree_v2(value);
}

/// <summary>Compiled kernels on a GPU.</summary>
internal sealed unsafe class CudaModule : CudaHandle
{
    private const int DynamicSharedBytes = 8;
    private readonly CudaDevice device;

    private CudaModule(CudaDevice device, nint value)
        : base(device, value) => this.device = device;

    public static CudaModule Load(CudaDevice device, byte[] cubin, string what)
    {
        using var current = device.Enter();
        fixed (byte* image = cubin)
        {
            CudaDriver.Check(CudaDriver.cuModuleLoadData(out var module, image), $"loading the kernels of {what}");
            return new(device, module);
        }
    }

    /// <summary>A kernel; it lives as long as the module.</summary>
    /// <param name="allShared">True lets launches ask for all of a block's shared memory; the kernel itself then declares less than 1 KB of it.</param>
    public nint Kernel(string name, bool allShared = false)
    {
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuModuleGetFunction(out var function, Value, name), $"looking for kernel {name}");
        if (allShared)
            CudaDriver.Check(CudaDriver.cuFuncSetAttribute(function, DynamicSharedBytes, device.SharedBytes - 1024), $"giving kernel {name} its shared memory");
        return function;
    }

    protected override int Free(nint value) => CudaDriver.cuModuleUnload(value);
}

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

/// <summary>Launches that were recorded and run with one call.</summary>
internal sealed class CudaGraph : CudaHandle
{
    private CudaGraph(CudaDevice device, nint value)
        : base(device, value)
    {
    }

    /// <summary>Records what is enqueued on a stream, which does not run then.</summary>
    public static CudaGraph Record(CudaDevice device, CudaStream stream, Action enqueue)
    {
        const int threadLocal = 1;
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuStreamBeginCapture_v2(stream.Value, threadLocal), "beginning to record launches");
        nint graph;
        try
        {
            enqueue();
        }
        finally
        {
            CudaDriver.Check(CudaDriver.cuStreamEndCapture(stream.Value, out graph), "recording launches");
        }

        var code = CudaDriver.cuGraphInstantiateWithFlags(out var executable, graph, 0);
        _ = CudaDriver.cuGraphDestroy(graph);
        CudaDriver.Check(code, "preparing recorded launches");
        return new(device, executable);
    }

    protected override int Free(nint value) => CudaDriver.cuGraphExecDestroy(value);
}
