namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>The weight of a layer as levels, and what its 32-bit sums are turned into in each output channel.</summary>
/// <param name="Levels">−127…127, [K, R, S, C / groups].</param>
/// <param name="Alpha">What a step of the sum is worth, in steps of the output (units, where the output is float), [K].</param>
/// <param name="Bias">In the same units, [K].</param>
public sealed record IntegerWeights(sbyte[] Levels, float[] Alpha, float[] Bias)
{
    /// <summary>True where each four weights along the input channels hold at least two zeros.</summary>
    /// <param name="channels">Input channels of a group: the length of a row of <see cref="Levels"/>.</param>
    public bool IsTwoFour(int channels)
    {
        if (channels % 4 != 0)
            return false;
        for (var i = 0; i < Levels.Length; i += 4)
        {
            var used = 0;
            for (var q = 0; q < 4; q++)
                used += Levels[i + q] != 0 ? 1 : 0;
            if (used > 2)
                return false;
        }

        return true;
    }
}
