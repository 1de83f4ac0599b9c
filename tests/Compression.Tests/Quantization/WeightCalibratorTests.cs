using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class WeightCalibratorTests
{
    private static readonly HostArray Small = HostArray.Of([1, -3, 2, 0, 0, -0f, 5.5f, -5, 1], 3, 3, 1, 1);

    [Fact]
    public void A_weights_ranges_are_the_largest_magnitude_of_each_output_channel()
    {
        Assert.Equal([3, 0, 5.5f], WeightCalibrator.ChannelAmax(Small));
        Assert.Contains("channel 1", Assert.Throws<ArgumentException>(() => WeightCalibrator.ChannelAmax(HostArray.Of([1, 2, float.NaN, 4], 2, 2))).Message);
    }

    [Fact]
    public void A_transposed_weights_channels_are_on_its_second_axis_and_one_range_spans_all()
    {
        Assert.Equal([5.5f, 5, 2], Amax(Small, new(Axis: 1)));
        Assert.Equal([5.5f], Amax(Small, new(Granularity: WeightGranularity.Tensor)));
        Assert.Contains("no axis 4", Assert.Throws<ArgumentException>(() => Amax(Small, new(Axis: 4))).Message);
        Assert.Contains("activations", Assert.Throws<ArgumentException>(() => Amax(Small, new(CalibrationMethod.Entropy))).Message);
        Assert.Contains("The weight [2, 2]", Assert.Throws<ArgumentException>(() => Amax(HostArray.Of([1, 2, float.NaN, 4], 2, 2), new(Granularity: WeightGranularity.Tensor))).Message);
    }

    [Theory]
    [InlineData(CalibrationMethod.Percentile)]
    [InlineData(CalibrationMethod.Mse)]
    public void A_channel_has_the_range_that_its_values_alone_have(CalibrationMethod method)
    {
        var random = new Random(71);
        long[] shape = [6, 5, 3, 3];
        var values = Enumerable.Range(0, 6 * 45).Select(i => i is >= 45 and < 90 ? 0 : (float)(random.NextDouble() * 2 - 1) * (1 + i / 45)).ToArray();
        for (var axis = 0; axis < 2; axis++)
        {
            var amax = Amax(HostArray.Of(values, shape), new(method, Axis: axis, Percentile: 90));
            Assert.Equal(shape[axis], amax.Length);
            for (var k = 0; k < amax.Length; k++)
            {
                var channel = values.Where((_, i) => (axis == 0 ? i / 45 : i / 9 % 5) == k).ToArray();
                var histogram = new ActivationHistogram();
                histogram.Collect(channel, "w");
                Assert.Equal(ActivationCalibrator.Amax(histogram, method, 90, signed: true), amax[k]);
                Assert.True(channel.All(value => value == 0) ? amax[k] == 0 : amax[k] > 0 && amax[k] <= channel.Max(MathF.Abs));
            }
        }
    }

    private static float[] Amax(HostArray weight, WeightRange range) => [.. WeightCalibrator.Amax(weight, range, QuantizationLevels.NarrowInt8)];
}
