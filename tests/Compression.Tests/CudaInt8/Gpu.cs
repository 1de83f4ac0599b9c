using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The GPU of this machine; tests that need one skip where it or the compiler is absent.</summary>
internal static class Gpu
{
    public static CudaDevice Require()
    {
        try
        {
            _ = NvrtcCompiler.Find();
            return CudaDevice.Open();
        }
        catch (CudaException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
