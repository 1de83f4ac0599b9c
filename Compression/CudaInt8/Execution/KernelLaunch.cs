using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8.Driver;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A kernel with its grid and its parameter, ready to be launched with one call.</summary>
internal sealed unsafe class KernelLaunch : IDisposable
{
    private readonly CudaDevice device;
    private readonly string name;
    private readonly nint function;
    private Record* record;

    private KernelLaunch(CudaDevice device, string name, nint function, Record* record)
    {
        (this.device, this.name, this.function) = (device, name, function);
        this.record = record;
    }

    ~KernelLaunch() => NativeMemory.Free(record);

    /// <param name="name">For messages.</param>
    /// <param name="parameter">The kernel's only one; copied.</param>
    /// <param name="cluster">Blocks along z that run together and reach one another's shared memory.</param>
    public static KernelLaunch Of<T>(
        CudaDevice device, string name, nint function, (long X, long Y, long Z) grid, int threads, int sharedBytes, CudaStream stream, in T parameter, int cluster = 1)
        where T : unmanaged
    {
        if (grid.X > int.MaxValue || grid.Y > ushort.MaxValue || grid.Z > ushort.MaxValue)
            throw new CudaException($"Step '{name}' needs a grid of {grid.X} x {grid.Y} x {grid.Z} blocks, more than a GPU launches at once. Take a smaller batch.");

        var record = (Record*)NativeMemory.AllocZeroed((nuint)(sizeof(Record) + sizeof(T)));
        record->Configuration = new()
        {
            GridX = (uint)grid.X, GridY = (uint)grid.Y, GridZ = (uint)grid.Z, BlockX = (uint)threads, BlockY = 1, BlockZ = 1,
            SharedBytes = (uint)sharedBytes, Stream = stream.Value,
            Attributes = &record->Overlap, AttributeCount = device.Architecture < 90 ? 0u : cluster > 1 ? 2u : 1u,
        };
        record->Overlap = new() { Id = LaunchAttribute.ProgrammaticStreamSerialization, Value = 1 };
        record->Cluster = new() { Id = LaunchAttribute.ClusterDimension, Value = 1, Y = 1, Z = cluster };
        record->Argument = record + 1;
        *(T*)record->Argument = parameter;
        return new(device, name, function, record);
    }

    /// <summary>Puts the kernel into its stream; the device's context is current.</summary>
    public void Enqueue()
    {
        var code = CudaDriver.cuLaunchKernelEx(&record->Configuration, function, &record->Argument, null);
        if (code != 0)
            CudaDriver.Check(code, $"launching step '{name}' on {device.Name}");
    }

    public void Dispose()
    {
        NativeMemory.Free(record);
        record = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Lies in memory that does not move; the parameter follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public LaunchConfiguration Configuration;
        public LaunchAttribute Overlap, Cluster;
        public void* Argument;
    }
}
