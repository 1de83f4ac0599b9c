using SparseGrid.Compression.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Fake quantization with a zero point: the levels cover an interval that need not lie evenly around 0.</summary>
/// <remarks>
/// step = (high − low) / (2^bits − 1); z = round(low / step) + 2^(bits − 1); q = clamp(round(x / step) − z, −2^(bits − 1), 2^(bits − 1) − 1); y = (q + z) · step, all in
/// float32. 0 stays 0. The gradient passes where low ≤ x ≤ high. Source: pytorch-quantization 2.2.1, fake_affine_tensor_quant. The deployed files here are symmetric and
/// never use it.
/// </remarks>
public static class AffineFakeQuantization
{
    /// <param name="x">Float32, any shape, on any device.</param>
    /// <param name="low">Lower end of the interval, in units of x; at most 0.</param>
    /// <param name="high">Upper end; at least 0, and above <paramref name="low"/>.</param>
    /// <param name="bits">2 to 16.</param>
    /// <returns>Float32 of x's shape; the caller owns it. NaN stays NaN and passes no gradient.</returns>
    /// <exception cref="ArgumentException">x is not float32, the interval is empty, not finite or without 0, or bits are outside 2..16.</exception>
    public static Tensor Of(Tensor x, float low, float high, int bits)
    {
        if (x.dtype != ScalarType.Float32)
            throw new ArgumentException($"x is {x.dtype}: fake quantization with a zero point computes in Float32. Convert it first.", nameof(x));
        if (!(float.IsFinite(high - low) && low <= 0 && high >= 0 && high > low))
            throw new ArgumentException($"The interval from {low} to {high} must be finite, not empty and hold 0, which has to stay exact.", nameof(low));

        var levels = QuantizationLevels.Of(bits, signed: true, narrow: false);
        var step = (high - low) / ((1 << bits) - 1);
        var zeroPoint = MathF.Round(low / step) - levels.Min;

        using var scope = NewDisposeScope();
        var y = NativeScalar.With(low, high, (least, most) => x.clamp(least, most));
        using (no_grad())
        using (Scalar shift = zeroPoint)
        using (Scalar size = step)
        {
            var size0 = full([], size, ScalarType.Float32, x.device);
            var shifted = x.detach().div(size0).round_().sub_(shift);
            var level = NativeScalar.With(levels.Min, levels.Max, (least, most) => shifted.clamp(least, most));
            y.copy_(level.add(shift, NativeScalar.One).mul_(size));
        }

        return y.MoveToOuterDisposeScope();
    }
}
