namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>How much of a matrix's magnitude pruning keeps, and what share of the avoidable loss a permutation avoids.</summary>
/// <remarks>The helpers of apex.contrib.sparsity.permutation_search_kernels, to the order of additions: slow and obvious, and what the fast ones are tested by.</remarks>
public static class KeptMagnitude
{
    private const int Unrolled = 8;
    private const int PairwiseBlock = 128;

    /// <summary>Sum of the two largest magnitudes of every four consecutive columns, in float64.</summary>
    /// <param name="matrix">Row-major [rows, columns].</param>
    /// <param name="columns">A multiple of 4.</param>
    /// <exception cref="ArgumentException">The columns are no multiple of 4, or the values no whole number of rows.</exception>
    public static double Of(ReadOnlySpan<float> matrix, int columns)
    {
        if (columns < 4 || columns % 4 != 0 || matrix.Length % columns != 0)
            throw new ArgumentException($"{matrix.Length} values in rows of {columns} columns have no groups of four: the columns are a multiple of 4.", nameof(columns));

        var kept = 0.0;
        Span<float> four = stackalloc float[4];
        for (var at = 0; at < matrix.Length; at += 4)
        {
            for (var i = 0; i < 4; i++)
                four[i] = MathF.Abs(matrix[at + i]);
            four.Sort();
            kept += four[2];
            kept += four[3];
        }

        return kept;
    }

    /// <summary>What pruning each row alone keeps without any structure: the bound that no permutation reaches beyond.</summary>
    /// <param name="matrix">Row-major [rows, columns].</param>
    /// <param name="rate">Share of each row that goes, 0 to 1; ⌊columns · rate⌋ values.</param>
    /// <returns>The rows' sums, each added pairwise in float32 as NumPy adds them, in float64.</returns>
    public static double OfRows(ReadOnlySpan<float> matrix, int columns, double rate = 0.5)
    {
        if (columns < 1 || matrix.Length % columns != 0)
            throw new ArgumentException($"{matrix.Length} values are no whole number of rows of {columns} columns.", nameof(columns));
        if (!(rate >= 0 && rate <= 1))
            throw new ArgumentException($"rate is {rate}: it is the share of a row that goes, 0 to 1.", nameof(rate));

        var kept = 0.0;
        var row = new float[columns];
        for (var start = 0; start < matrix.Length; start += columns)
        {
            for (var i = 0; i < columns; i++)
                row[i] = MathF.Abs(matrix[start + i]);
            kept += LargestOf(row, rate);
        }

        return kept;
    }

    /// <summary>The share of what plain 2:4 pruning loses beyond unstructured pruning that a permutation saves: 1 saves all of it, 0 nothing.</summary>
    /// <param name="optimalLost">Magnitude that unstructured pruning of the rows loses.</param>
    /// <param name="baseLost">Magnitude that 2:4 pruning loses without a permutation.</param>
    /// <param name="lost">Magnitude that it loses with one.</param>
    /// <returns>1 where there is nothing to save.</returns>
    public static double Efficacy(double optimalLost, double baseLost, double lost) =>
        baseLost == optimalLost ? 1 : (baseLost - lost) / (baseLost - optimalLost);

    /// <summary>Sum of a row's largest magnitudes; sorts the row.</summary>
    internal static double LargestOf(Span<float> magnitudes, double rate)
    {
        magnitudes.Sort();
        return Pairwise(magnitudes[(int)(magnitudes.Length * rate)..]);
    }

    // Eight running sums over blocks of up to 128 values, halves above that.
    private static float Pairwise(ReadOnlySpan<float> values)
    {
        if (values.Length > PairwiseBlock)
        {
            var half = values.Length / 2 / Unrolled * Unrolled;
            return Pairwise(values[..half]) + Pairwise(values[half..]);
        }

        var (sum, done) = (0f, 0);
        if (values.Length >= Unrolled)
        {
            Span<float> sums = stackalloc float[Unrolled];
            values[..Unrolled].CopyTo(sums);
            for (done = Unrolled; done + Unrolled <= values.Length; done += Unrolled)
            {
                for (var i = 0; i < Unrolled; i++)
                    sums[i] += values[done + i];
            }

            sum = sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
        }

        for (; done < values.Length; done++)
            sum += values[done];
        return sum;
    }
}
