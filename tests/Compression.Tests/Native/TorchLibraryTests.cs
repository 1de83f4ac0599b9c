using SparseGrid.Compression.Native;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Native;

public sealed class TorchLibraryTests
{
    [Fact]
    public void TorchSharp_runs_after_the_library_was_loaded()
    {
        TorchLibrary.Load();
        using var sum = ones(3).sum();
        Assert.Equal(3f, sum.item<float>());
    }
}
