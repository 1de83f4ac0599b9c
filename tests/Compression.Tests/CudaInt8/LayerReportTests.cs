using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class LayerReportTests
{
    [Theory]
    [InlineData(12.0, 10.0, 1_000_000, true, "2:4 takes 10.0 us and dense 12.0: 1.20 times as fast")]
    [InlineData(12.0, 10.0, 20_000_000, true, "2:4 takes 10.0 us and dense 12.0: 1.20 times as fast; it moves 2.0 TB/s, so memory binds")]
    [InlineData(12.0, 10.0, 1_000_000, false, "2:4 takes 10.0 us and dense 12.0: 1.20 times as fast; dense was chosen by the time of the whole network")]
    [InlineData(2.7, 2.6, 100_000, true, "2:4 takes 2.6 us and dense 2.7: hardly a gain; too short for arithmetic to count; a larger batch may pay; 2:4 was chosen by the time of the whole network")]
    [InlineData(10.0, 11.0, 1_000_000, true, "2:4 takes 11.0 us and dense 10.0: no gain; 2:4 was chosen by the time of the whole network")]
    [InlineData(4.1, 4.2, 100_000, false, "2:4 takes 4.2 us and dense 4.1: leave dense: too short for arithmetic to count; a larger batch may pay")]
    [InlineData(10.2, 10.0, 20_000_000, false, "2:4 takes 10.0 us and dense 10.2: leave dense: it moves 2.0 TB/s, so memory binds")]
    [InlineData(10.2, 10.0, 1_000_000, false, "2:4 takes 10.0 us and dense 10.2: leave dense: hardly a gain")]
    [InlineData(10.0, 11.0, 1_000_000, false, "2:4 takes 11.0 us and dense 10.0: leave dense")]
    public void Says_from_the_times_and_the_choice_whether_sparsity_paid(double dense, double sparse, long bytes, bool chosen, string words) =>
        Assert.Equal(words, (Row(twoFour: true, null, dense, sparse, bytes) with { Sparse = chosen }).Reason);

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
