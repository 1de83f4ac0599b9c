namespace SparseGrid.Compression.Statistics;

/// <summary>Compares two classifiers image by image on the same images.</summary>
/// <param name="Images">Images compared, n.</param>
/// <param name="OnlyCandidate">Images that the candidate alone gets right, b.</param>
/// <param name="OnlyBaseline">Images that the baseline alone gets right, c.</param>
/// <param name="Difference">Top-1 of the candidate minus top-1 of the baseline: (b − c) / n.</param>
/// <param name="Low">Lower end of the 95 % interval of the difference.</param>
/// <param name="High">Upper end.</param>
/// <param name="McNemarP">Exact two-sided McNemar test that the two are equally accurate: 1 where they never disagree.</param>
/// <remarks>
/// The interval is Newcombe's square-and-add: Wilson score intervals of the two accuracies, joined with their correlation (continuity-corrected φ).
/// Unlike Wald's it stays within −1..1 and keeps its coverage where the two hardly ever disagree, which is the usual case here: no disagreement gives no
/// zero-width interval.
/// Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired data", Statistics in Medicine 17 (1998), method 10.
/// The test is the binomial one of the disagreements: McNemar, Psychometrika 12 (1947); p = min(1, 2·P(X ≤ min(b, c))), X ~ Binomial(b + c, 1/2).
/// </remarks>
public sealed record PairedComparison(int Images, int OnlyCandidate, int OnlyBaseline, double Difference, double Low, double High, double McNemarP)
{
    /// <summary>Compares what two classifiers got right.</summary>
    /// <param name="candidate">For each image, whether the candidate is right.</param>
    /// <param name="baseline">The same of the baseline, in the same order.</param>
    /// <exception cref="ArgumentException">There are no images, or the two are of different numbers.</exception>
    public static PairedComparison Of(ReadOnlySpan<bool> candidate, ReadOnlySpan<bool> baseline)
    {
        if (candidate.Length != baseline.Length || candidate.IsEmpty)
            throw new ArgumentException($"{candidate.Length} and {baseline.Length} answers were given: a paired comparison needs the same images, at least one.", nameof(candidate));

        int both = 0, onlyCandidate = 0, onlyBaseline = 0;
        for (var image = 0; image < candidate.Length; image++)
        {
            both += candidate[image] && baseline[image] ? 1 : 0;
            onlyCandidate += candidate[image] && !baseline[image] ? 1 : 0;
            onlyBaseline += !candidate[image] && baseline[image] ? 1 : 0;
        }

        return Of(both, onlyCandidate, onlyBaseline, candidate.Length - both - onlyCandidate - onlyBaseline);
    }

    /// <summary>Compares by the counts of the 2x2 table: both right, candidate alone, baseline alone, neither.</summary>
    internal static PairedComparison Of(int both, int onlyCandidate, int onlyBaseline, int neither)
    {
        var n = both + onlyCandidate + onlyBaseline + neither;
        var difference = (double)(onlyCandidate - onlyBaseline) / n;
        var (below1, above1) = WilsonInterval.Of(both + onlyCandidate, n).Distances;
        var (below2, above2) = WilsonInterval.Of(both + onlyBaseline, n).Distances;
        var phi = Phi(both, onlyCandidate, onlyBaseline, neither);
        return new(
            n,
            onlyCandidate,
            onlyBaseline,
            difference,
            difference - Math.Sqrt(Math.Max(0, below1 * below1 - 2 * phi * below1 * above2 + above2 * above2)),
            difference + Math.Sqrt(Math.Max(0, above1 * above1 - 2 * phi * above1 * below2 + below2 * below2)),
            McNemar(onlyCandidate, onlyBaseline));
    }

    /// <summary>Correlation of the two answers; n / 2 is taken off a positive numerator, as far as it goes. 0 where one of the two is always or never
    /// right.</summary>
    private static double Phi(double both, double onlyCandidate, double onlyBaseline, double neither)
    {
        var margins = (both + onlyCandidate) * (onlyBaseline + neither) * (both + onlyBaseline) * (onlyCandidate + neither);
        if (margins == 0)
            return 0;

        var numerator = both * neither - onlyCandidate * onlyBaseline;
        if (numerator > 0)
            numerator = Math.Max(0, numerator - (both + onlyCandidate + onlyBaseline + neither) / 2);
        return numerator / Math.Sqrt(margins);
    }

    private static double McNemar(int b, int c)
    {
        var (n, k) = (b + c, Math.Min(b, c));
        var logLargest = -n * Math.Log(2);                        // of C(n, k) / 2^n, the largest of the tail
        for (var i = 1; i <= k; i++)
            logLargest += Math.Log((double)(n - k + i) / i);

        double sum = 0, term = 1;                                 // in units of the largest
        for (var i = k; i >= 0; i--)
        {
            sum += term;
            term *= (double)i / (n - i + 1);
        }

        return Math.Min(1, 2 * Math.Exp(logLargest) * sum);
    }
}
