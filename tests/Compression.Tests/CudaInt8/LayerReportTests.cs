using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class LayerReportTests
{
    [Theory]
    [InlineData(12.0, 10.0, 1_000_000, "1.20 times as fast")]
    [InlineData(12.0, 10.0, 20_000_000, "memory binds")]
    [InlineData(4.1, 4.2, 100_000, "larger batch")]
    [InlineData(10.2, 10.0, 20_000_000, "leave dense: it moves 2.0 TB/s")]
    [InlineData(10.2, 10.0, 1_000_000, "hardly a gain")]
    [InlineData(10.0, 11.0, 1_000_000, "leave dense")]
    public void Says_from_the_times_whether_sparsity_paid(double dense, double sparse, long bytes, string words) =>
        Assert.Contains(words, Row(twoFour: true, null, dense, sparse, bytes).Reason);

    [Fact]
    public void Says_what_keeps_a_layer_off_the_fast_kernels_and_what_padding_costs()
    {
        Assert.Equal("plain kernel: it has 4 groups", Row(true, "it has 4 groups", null, null, 1).Reason);
        var narrow = Row(true, null, 3, 2, 1);
        narrow = narrow with { Geometry = narrow.Geometry with { Input = new(48, 8, 8) } };
        Assert.EndsWith("48 to 64 channels cost as much as 64 to 64", narrow.Reason);
        Assert.DoesNotContain("cost as much", Row(true, null, 3, 2, 1).Reason);
        Assert.Equal("weights are dense", Row(false, null, 3, null, 1).Reason);
    }

    private static LayerReport Row(bool twoFour, string? ineligible, double? dense, double? sparse, long bytes) =>
        new("conv", new(new(64, 8, 8), new(64, 8, 8), Window.Square(3, 1, 1), 1), twoFour, ineligible, "kernel", sparse is not null, dense, sparse, 1, bytes);
}
