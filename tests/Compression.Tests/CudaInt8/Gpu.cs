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

/// <summary>Tests of engines on a GPU run alone: some of them watch its free memory.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EnginesOnAGpu
{
    /// <summary>Of the collection.</summary>
    public const string Name = "engines on a GPU";
}
