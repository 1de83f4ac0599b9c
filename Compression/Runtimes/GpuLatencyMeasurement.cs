namespace SparseGrid.Compression.Runtimes;

/// <summary>Times two networks on one GPU by its own clock, from images that lie there to scores that lie there.</summary>
public static class GpuLatencyMeasurement
{
    /// <summary>So many turns each takes: enough to meet what changes on the GPU meanwhile, few enough that caches are warm in most runs.</summary>
    private const int Turns = 20;

    /// <summary>Both in turn, some runs each; who goes first alternates too. A turn begins with a run that does not count.</summary>
    /// <param name="images">float16 [N, H, W, C].</param>
    /// <param name="warmupRuns">Runs of each before the clock counts; 0 or more.</param>
    /// <param name="runs">Counted runs of each; at least 1.</param>
    /// <param name="progress">Is told the number of counted pairs done.</param>
    /// <param name="cancellation">Looked at between turns.</param>
    public static LatencySamples Measure(
        IGpuNetwork candidate, IGpuNetwork baseline, ReadOnlySpan<Half> images, int scores, int warmupRuns, int runs, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupRuns);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        var discarded = new float[scores];
        candidate.Run(images, discarded);
        baseline.Run(images, discarded);
        if (warmupRuns > 0)
        {
            candidate.Time(warmupRuns);
            baseline.Time(warmupRuns);
        }

        var samples = new LatencySamples(new double[runs], new double[runs]);
        for (var (done, turn) = (0, 0); done < runs; turn++)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(runs - done, (runs + Turns - 1) / Turns);
            var (first, second) = turn % 2 == 0 ? (candidate, baseline) : (baseline, candidate);
            var (firstTimes, secondTimes) = (first.Time(count), second.Time(count));
            Keep(turn % 2 == 0 ? firstTimes : secondTimes, samples.CandidateMs, done);
            Keep(turn % 2 == 0 ? secondTimes : firstTimes, samples.BaselineMs, done);
            done += count;
            progress?.Invoke(done);
        }

        return samples;
    }

    private static void Keep(double[] microseconds, double[] milliseconds, int from)
    {
        for (var i = 0; i < microseconds.Length; i++)
            milliseconds[from + i] = microseconds[i] / 1000;
    }
}
