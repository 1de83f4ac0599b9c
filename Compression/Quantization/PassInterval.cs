namespace SparseGrid.Compression.Quantization;

/// <summary>The inputs whose rounded level needs no clamping, as one closed interval: exactly there a gradient passes.</summary>
/// <remarks>
/// The level is a monotone function of the input, so the interval decides the same as looking at each rounded level, to the last bit, and
/// turns the gradient rule into one native clamp.
/// </remarks>
internal readonly record struct PassInterval(float Low, float High)
{
    /// <param name="level">The level of a non-negative input before rounding, computed as the rule computes it; odd, so −x gives its negative.</param>
    /// <param name="min">The smallest level.</param>
    /// <param name="max">The largest level.</param>
    public static PassInterval Of(Func<float, float> level, int min, int max) => new(-Largest(level, -min), Largest(level, max));

    // Non-negative floats are ordered as their bits are, so halving the bits finds the last one that passes.
    private static float Largest(Func<float, float> level, int max)
    {
        var passes = 0;
        var fails = BitConverter.SingleToInt32Bits(float.PositiveInfinity);
        while (fails - passes > 1)
        {
            var middle = passes + (fails - passes) / 2;
            if (MathF.Round(level(BitConverter.Int32BitsToSingle(middle))) <= max)
                passes = middle;
            else
                fails = middle;
        }

        return BitConverter.Int32BitsToSingle(passes);
    }
}
