namespace SparseGrid.Compression.Statistics;

/// <summary>The 95 % score interval of a share of n.</summary>
/// <param name="Share">right / n, 0 to 1.</param>
/// <param name="Low">Lower end; 0 where none is right.</param>
/// <param name="High">Upper end; 1 where all are.</param>
/// <remarks>Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). Unlike Wald's it keeps its coverage near 1,
/// where accuracies lie, and has a width there.</remarks>
public sealed record WilsonInterval(double Share, double Low, double High)
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>How far the ends lie below and above the share.</summary>
    internal (double Below, double Above) Distances => (Share - Low, High - Share);

    /// <summary>The interval of so many right among n.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is below 1, or there are more right, or fewer than none.</exception>
    public static WilsonInterval Of(int right, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, n);

        var p = (double)right / n;
        var centre = (2.0 * right + Z * Z) / (2 * (n + Z * Z));
        var half = Z * Math.Sqrt(Z * Z + 4.0 * right * (1 - p)) / (2 * (n + Z * Z));
        // Exact at the ends, where centre and half cancel but for their last bits.
        return new(p, right == 0 ? 0 : centre - half, right == n ? 1 : centre + half);
    }
}
