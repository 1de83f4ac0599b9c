using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>The scale of symmetric quantization: tensor units per integer step.</summary>
public static class QuantizationScale
{
    /// <summary>2^-24: an amax up to here counts as 0, since its scale would leave float32's normal range.</summary>
    public const float Tiny = 1f / (1 << 24);

    /// <summary>2^100: the scale that values are divided by where amax counts as 0. Its inverse is still a normal number, and every input of practical size has level
    /// 0.</summary>
    internal const float Zeroing = 1.2676506e30f;

    /// <summary>scale = amax / maxLevel in float32; 1 where amax counts as 0, since files may not hold a scale of 0.</summary>
    /// <param name="amax">The absolute value that maps to the largest level, in tensor units.</param>
    /// <param name="maxLevel">The largest level: 127 signed, 255 unsigned.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    /// <remarks>pytorch-quantization reports 1 in that case too, and its outputs are all 0, as those of <see cref="FakeQuantization"/> are.</remarks>
    public static float Of(float amax, int maxLevel) => IsZero(amax) ? 1f : amax / maxLevel;

    /// <summary>How many levels a unit has: maxLevel / amax in float32; 1 where amax counts as 0. What integers are divided by to give values by rule pq.</summary>
    /// <param name="amax">Float32, any shape.</param>
    /// <param name="maxLevel">The largest level: 127 signed, 255 unsigned.</param>
    /// <returns>Float32 of the same shape; the caller owns it.</returns>
    public static Tensor LevelsPerUnit(Tensor amax, int maxLevel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // By a tensor: a number would be multiplied with the reciprocal.
        return where(amax.le(Tiny), ones_like(amax), full_like(amax, maxLevel).div(amax)).MoveToOuterDisposeScope();
    }

    /// <summary>True where an amax counts as 0, so that everything it quantizes becomes 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    public static bool IsZero(float amax) =>
        amax is >= 0 and <= float.MaxValue
            ? amax <= Tiny
            : throw new ArgumentOutOfRangeException(nameof(amax), amax, $"amax is {amax}: it is a finite absolute value, at least 0. Calibrate again with finite data.");
}
