using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>The functions of the CUDA driver that the engine calls.</summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = "libcuda.so.1";

    [LibraryImport(Library)] internal static partial int cuInit(uint flags);
    [LibraryImport(Library)] internal static partial int cuDriverGetVersion(out int version);
    [LibraryImport(Library)] internal static partial int cuDeviceGetCount(out int count);
    [LibraryImport(Library)] internal static partial int cuDeviceGet(out int device, int ordinal);
    [LibraryImport(Library)] internal static partial int cuDeviceGetName(byte* name, int length, int device);
    [LibraryImport(Library)] internal static partial int cuDeviceGetUuid_v2(byte* uuid, int device);
    [LibraryImport(Library)] internal static partial int cuDeviceGetAttribute(out int value, int attribute, int device);
    [LibraryImport(Library)] internal static partial int cuDevicePrimaryCtxRetain(out nint context, int device);
    [LibraryImport(Library)] internal static partial int cuDevicePrimaryCtxRelease_v2(int device);
    [LibraryImport(Library)] internal static partial int cuCtxPushCurrent_v2(nint context);
    [LibraryImport(Library)] internal static partial int cuCtxPopCurrent_v2(out nint context);
    [LibraryImport(Library)] internal static partial int cuMemGetInfo_v2(out nuint free, out nuint total);
    [LibraryImport(Library)] internal static partial int cuMemAlloc_v2(out nint pointer, nuint bytes);
    [LibraryImport(Library)] internal static partial int cuMemFree_v2(nint pointer);
    [LibraryImport(Library)] internal static partial int cuMemcpyHtoDAsync_v2(nint to, void* from, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial int cuMemcpyDtoHAsync_v2(void* to, nint from, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial int cuMemsetD8Async(nint to, byte value, nuint bytes, nint stream);
    [LibraryImport(Library)] internal static partial int cuStreamCreate(out nint stream, uint flags);
    [LibraryImport(Library)] internal static partial int cuStreamSynchronize(nint stream);
    [LibraryImport(Library)] internal static partial int cuStreamDestroy_v2(nint stream);
    [LibraryImport(Library)] internal static partial int cuStreamBeginCapture_v2(nint stream, int mode);
    [LibraryImport(Library)] internal static partial int cuStreamEndCapture(nint stream, out nint graph);
    [LibraryImport(Library)] internal static partial int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);
    [LibraryImport(Library)] internal static partial int cuGraphLaunch(nint executable, nint stream);
    [LibraryImport(Library)] internal static partial int cuGraphExecDestroy(nint executable);
    [LibraryImport(Library)] internal static partial int cuGraphDestroy(nint graph);
    [LibraryImport(Library)] internal static partial int cuEventCreate(out nint handle, uint flags);
    [LibraryImport(Library)] internal static partial int cuEventRecord(nint handle, nint stream);
    [LibraryImport(Library)] internal static partial int cuEventSynchronize(nint handle);
    [LibraryImport(Library)] internal static partial int cuEventElapsedTime(out float milliseconds, nint start, nint end);
    [LibraryImport(Library)] internal static partial int cuEventDestroy_v2(nint handle);
    [LibraryImport(Library)] internal static partial int cuModuleLoadData(out nint module, byte* image);
    [LibraryImport(Library)] internal static partial int cuModuleUnload(nint module);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int cuModuleGetFunction(out nint function, nint module, string name);
    [LibraryImport(Library)] internal static partial int cuFuncSetAttribute(nint function, int attribute, int value);
    [LibraryImport(Library)] internal static partial int cuLaunchKernelEx(LaunchConfiguration* configuration, nint function, void** arguments, void** extra);
    [LibraryImport(Library)] private static partial int cuGetErrorName(int error, out byte* name);
    [LibraryImport(Library)] private static partial int cuGetErrorString(int error, out byte* text);

    /// <summary>Refuses any return code but success.</summary>
    /// <param name="doing">For the message: launching conv1.</param>
    /// <exception cref="CudaException">The call failed.</exception>
    public static void Check(int code, string doing)
    {
        if (code == 0)
            return;
        var name = cuGetErrorName(code, out var nameBytes) == 0 ? Marshal.PtrToStringUTF8((nint)nameBytes) : "an unknown error";
        var text = cuGetErrorString(code, out var textBytes) == 0 ? Marshal.PtrToStringUTF8((nint)textBytes) : "";
        throw new CudaException($"CUDA failed {doing}: {name} ({code}): {text}.", code);
    }
}
