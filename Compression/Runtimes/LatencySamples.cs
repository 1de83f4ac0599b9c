using SparseGrid.Compression.Statistics;

namespace SparseGrid.Compression.Runtimes;

/// <summary>Times of single calls, in milliseconds, in the order they were made; the two sessions took turns.</summary>
public sealed record LatencySamples(double[] CandidateMs, double[] BaselineMs)
{
    /// <summary>Counted calls of each session.</summary>
    public int Runs => CandidateMs.Length;

    /// <summary>Median of the candidate.</summary>
    public double CandidateMedianMs => Quantile.Median(CandidateMs);

    /// <summary>99th percentile of the candidate, nearest rank: at least 99 % of its calls took no longer. Needs 100 calls to differ from the
    /// maximum.</summary>
    public double CandidateP99Ms => Quantile.NearestRank(CandidateMs, 0.99);

    /// <summary>Median of the baseline.</summary>
    public double BaselineMedianMs => Quantile.Median(BaselineMs);

    /// <summary>99th percentile of the baseline, nearest rank.</summary>
    public double BaselineP99Ms => Quantile.NearestRank(BaselineMs, 0.99);
}
