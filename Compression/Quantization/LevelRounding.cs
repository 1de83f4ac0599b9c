using System.Numerics;
using System.Runtime.InteropServices;

namespace SparseGrid.Compression.Quantization;

/// <summary>How one scale turns values into levels and back by a rounding rule, and which inputs pass a gradient; computed in one pass over memory.</summary>
/// <remarks>
/// Equal to <see cref="RoundingReference"/> bit for bit. Every operation is a single IEEE 754 one per value, so neither the width of the vectors nor the number of threads
/// changes a bit.
/// </remarks>
internal readonly record struct LevelRounding
{
    private readonly float into;
    private readonly bool dividesInto;
    private readonly float back;
    private readonly bool dividesBack;
    private readonly float reach;
    private readonly float min;
    private readonly float max;

    /// <param name="amax">The absolute value that maps to the largest level.</param>
    /// <param name="toLevels">True gives the levels themselves instead of the values that they stand for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    public LevelRounding(float amax, QuantizationLevels levels, RoundingRule rule, bool toLevels = false)
    {
        (min, max) = (levels.Min, levels.Max);
        var zero = QuantizationScale.IsZero(amax);
        var scale = zero ? QuantizationScale.Zeroing : amax / max;
        (into, dividesInto, reach) = rule switch
        {
            RoundingRule.Pq => (zero ? 1 / scale : max / amax, false, amax),
            RoundingRule.Torch => (1 / scale, false, float.PositiveInfinity),
            _ => (scale, true, float.PositiveInfinity),
        };
        (back, dividesBack) = toLevels ? (1, false) : zero ? (0, false) : rule == RoundingRule.Pq ? (into, true) : (scale, false);
    }

    /// <summary>The inputs at which a gradient passes, as one closed interval.</summary>
    public PassInterval Pass => float.IsFinite(reach) ? new(-reach, reach) : new(-Largest(-min), Largest(max));

    /// <summary>
    /// True where a value clipped to <see cref="Pass"/>, or to the next value outside, has the level of the value itself. Not so by rule <c>pq</c>: it passes from −amax, level −127, on,
    /// and what lies beyond may have level −128.
    /// </summary>
    public bool RoundsWhatIsClipped => !float.IsFinite(reach);

    /// <summary>Replaces each value by what its level stands for; halves go to the even level, NaN stays NaN.</summary>
    public void Round(Span<float> values) => Round(values, values);

    /// <summary>The same out of place.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="values">As long; may be the same memory.</param>
    public void Round(ReadOnlySpan<float> x, Span<float> values)
    {
        var rounding = this;                                  // a copy that no store into the span can change, so its numbers stay in registers
        var from = MemoryMarshal.Cast<float, Vector<float>>(x);
        var to = MemoryMarshal.Cast<float, Vector<float>>(values)[..from.Length];
        for (var i = 0; i < from.Length; i++)
            to[i] = rounding.Value(Vector.Round(rounding.Level(from[i])));
        for (var i = from.Length * Vector<float>.Count; i < x.Length; i++)
            values[i] = Value(MathF.Round(Level(x[i])));
    }

    /// <summary>The same out of place, and beside it 1 where a gradient passes and 0 elsewhere.</summary>
    /// <param name="x">The inputs; the other two are as long.</param>
    public void Round(ReadOnlySpan<float> x, Span<float> values, Span<float> passes)
    {
        var from = MemoryMarshal.Cast<float, Vector<float>>(x);
        var to = MemoryMarshal.Cast<float, Vector<float>>(values);
        var mask = MemoryMarshal.Cast<float, Vector<float>>(passes);
        var (low, high, far) = (new Vector<float>(min), new Vector<float>(max), new Vector<float>(reach));
        for (var i = 0; i < from.Length; i++)
        {
            var level = Vector.Round(Level(from[i]));
            var inside = float.IsFinite(reach)
                ? Vector.LessThanOrEqual(Vector.Abs(from[i]), far)
                : Vector.GreaterThanOrEqual(level, low) & Vector.LessThanOrEqual(level, high);
            (to[i], mask[i]) = (Value(level), Vector.ConditionalSelect(inside, Vector<float>.One, Vector<float>.Zero));
        }

        for (var i = from.Length * Vector<float>.Count; i < x.Length; i++)
        {
            var level = MathF.Round(Level(x[i]));
            var inside = float.IsFinite(reach) ? MathF.Abs(x[i]) <= reach : level >= min && level <= max;
            (values[i], passes[i]) = (Value(level), inside ? 1 : 0);
        }
    }

    private float Level(float value) => dividesInto ? value / into : value * into;

    private Vector<float> Level(Vector<float> values) => dividesInto ? values / new Vector<float>(into) : values * new Vector<float>(into);

    // Comparisons with NaN are false, so it is left as it is.
    private float Value(float level)
    {
        var kept = level < min ? min : level > max ? max : level;
        return dividesBack ? kept / back : kept * back;
    }

    private Vector<float> Value(Vector<float> levels)
    {
        var (low, high) = (new Vector<float>(min), new Vector<float>(max));
        var kept = Vector.ConditionalSelect(Vector.LessThan(levels, low), low, levels);
        kept = Vector.ConditionalSelect(Vector.GreaterThan(kept, high), high, kept);
        return dividesBack ? kept / new Vector<float>(back) : kept * new Vector<float>(back);
    }

    // The largest input whose level needs no clamping. The level is a monotone and odd function of the input, and non-negative floats are ordered as their
    // bits are, so halving the bits finds it.
    private float Largest(float most)
    {
        var passes = 0;
        var fails = BitConverter.SingleToInt32Bits(float.PositiveInfinity);
        while (fails - passes > 1)
        {
            var middle = passes + (fails - passes) / 2;
            if (MathF.Round(Level(BitConverter.Int32BitsToSingle(middle))) <= most)
                passes = middle;
            else
                fails = middle;
        }

        return BitConverter.Int32BitsToSingle(passes);
    }
}
