using SparseGrid.Compression.CudaInt8.Compilation;

namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>Compiled kernels on a GPU.</summary>
internal sealed unsafe class CudaModule : CudaHandle
{
    private const int DynamicSharedBytes = 8, InvalidImage = 200, NoBinaryForGpu = 209;
    private readonly CudaDevice device;

    private CudaModule(CudaDevice device, nint value)
        : base(device, value) => this.device = device;

    public static CudaModule Load(CudaDevice device, byte[] cubin, string what)
    {
        using var current = device.Enter();
        fixed (byte* image = cubin)
        {
            var code = CudaDriver.cuModuleLoadData(out var module, image);
            if (code is InvalidImage or NoBinaryForGpu)
                throw new CudaException(
                    $"The driver, for CUDA {device.Driver / 1000}.{device.Driver % 1000 / 10}, refuses the kernels of {what} (error {code}). Was their NVRTC of a newer CUDA? Update the driver, or name an NVRTC "
                    + $"of CUDA {device.Driver / 1000} in {NvrtcLibrary.PathVariable}.", code);
            CudaDriver.Check(code, $"loading the kernels of {what}");
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
