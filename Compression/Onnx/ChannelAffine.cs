using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>What follows a weight's products in each output channel k: y = product · Factor[k] + Shift[k]. A bias and a batch normalization in one.</summary>
internal sealed record ChannelAffine(double[] Factor, double[] Shift)
{
    /// <summary>The affine map of a layer's own bias (zero where it has none) and of the batch normalization folded into it, if any.</summary>
    /// <remarks>factor = γ / sqrt(var + ε), shift = β + (b − mean) · factor; in double, so that only the last rounding to fp32 is seen.</remarks>
    /// <param name="exactBias">The bias where float32 is too short for it; null takes <paramref name="bias"/>.</param>
    public static ChannelAffine Of(int channels, HostArray? bias, BatchNorm? norm, IReadOnlyDictionary<string, HostArray> weights, double[]? exactBias = null)
    {
        var factor = new double[channels];
        var shift = new double[channels];
        for (var k = 0; k < channels; k++)
        {
            factor[k] = 1;
            shift[k] = exactBias is not null ? exactBias[k] : bias is null ? 0 : bias.Floats[k];
        }

        if (norm is null)
            return new(factor, shift);

        var (gamma, beta) = (weights.Of(norm.WeightName, channels), weights.Of(norm.BiasName, channels));
        var (mean, variance) = (weights.Of(norm.MeanName, channels), weights.Of(norm.VarianceName, channels));
        for (var k = 0; k < channels; k++)
        {
            factor[k] = gamma.Floats[k] / Math.Sqrt((double)variance.Floats[k] + norm.Epsilon);
            shift[k] = beta.Floats[k] + (shift[k] - mean.Floats[k]) * factor[k];
        }

        return new(factor, shift);
    }
}
