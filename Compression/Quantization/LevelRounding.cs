using System.Numerics;
using System.Runtime.InteropServices;

namespace SparseGrid.Compression.Quantization;

/// <summary>How one scale turns values into levels and back by a rounding rule, and which inputs pass a gradient; computed in one pass over memory.</summary>
/// <remarks>Every operation is a single IEEE 754 one per value, so neither the width of the vectors nor the number of threads changes a bit.</remarks>
internal readonly record struct LevelRounding
{
    // The inverse is still a normal number, and every finite input of practical size rounds to level 0.
    private const float ZeroingScale = 1.2676506e30f;         // 2^100
    private readonly float into;
    private readonly bool dividesInto;
    private readonly float back;
    private readonly bool dividesBack;
    private readonly float reach;
    private readonly int min;
    private readonly int max;

    /// <param name="amax">The absolute value that maps to the largest level.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amax"/> is negative, NaN or infinite.</exception>
    public LevelRounding(float amax, int min, int max, RoundingRule rule)
    {
        (this.min, this.max) = (min, max);
        var zero = QuantizationScale.IsZero(amax);
        var scale = zero ? ZeroingScale : QuantizationScale.Of(amax, max);
        var factor = zero ? 0f : max / amax;
        (into, dividesInto, back, dividesBack, reach) = rule switch
        {
            RoundingRule.Pq => (factor, false, zero ? 1f : factor, true, amax),
            RoundingRule.Torch => (1f / scale, false, scale, false, float.PositiveInfinity),
            _ => (scale, true, scale, false, float.PositiveInfinity),
        };
        Pass = rule == RoundingRule.Pq ? new(-amax, amax) : PassInterval.Of(Level, min, max);
    }

    /// <summary>The inputs at which a gradient passes, as one closed interval.</summary>
    public PassInterval Pass { get; }

    /// <summary>
    /// True where a value clipped to <see cref="Pass"/>, or to the next value outside, has the level of the value itself. Not so by rule <c>pq</c>: it passes from −amax, level −127, on,
    /// and what lies beyond may have level −128.
    /// </summary>
    public bool RoundsWhatIsClipped => !float.IsFinite(reach);

    /// <summary>Replaces each value by what its level stands for; halves go to the even level, NaN stays NaN.</summary>
    public void Round(Span<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (ref var vector in vectors)
            vector = Value(Vector.Round(Level(vector)));
        foreach (ref var value in values[(vectors.Length * Vector<float>.Count)..])
            value = Value(MathF.Round(Level(value)));
    }

    /// <summary>The same out of place.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="values">As long.</param>
    public void Round(ReadOnlySpan<float> x, Span<float> values)
    {
        var from = MemoryMarshal.Cast<float, Vector<float>>(x);
        var to = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var i = 0; i < from.Length; i++)
            to[i] = Value(Vector.Round(Level(from[i])));
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
}
