using System.Diagnostics;

namespace SparseGrid.Compression.Runtimes;

/// <summary>Times a candidate against a baseline on the same images.</summary>
public static class LatencyMeasurement
{
    /// <summary>
    /// Calls both in turn, so that what changes on the machine meanwhile meets both alike; who goes first alternates too. Timed is the runtime's call alone:
    /// input and output are bound before.
    /// </summary>
    /// <param name="images">[N, C, H, W], row-major.</param>
    /// <param name="batch">N.</param>
    /// <param name="warmupRuns">Calls of each before the clock counts; 0 or more.</param>
    /// <param name="runs">Counted calls of each; at least 1.</param>
    /// <param name="progress">Is told the number of counted pairs done, about a hundred times.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static LatencySamples Measure(
        OnnxRuntimeSession candidate,
        OnnxRuntimeSession baseline,
        ReadOnlySpan<float> images,
        int batch,
        int warmupRuns,
        int runs,
        Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupRuns);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        using var first = candidate.Bind(images, batch);
        using var second = baseline.Bind(images, batch);
        for (var run = 0; run < warmupRuns; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            first.Run();
            second.Run();
        }

        var samples = new LatencySamples(new double[runs], new double[runs]);
        var told = Math.Max(1, runs / 100);
        for (var run = 0; run < runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (run % 2 == 0)
            {
                samples.CandidateMs[run] = Time(first);
                samples.BaselineMs[run] = Time(second);
            }
            else
            {
                samples.BaselineMs[run] = Time(second);
                samples.CandidateMs[run] = Time(first);
            }

            if ((run + 1) % told == 0 || run + 1 == runs)
                progress?.Invoke(run + 1);
        }

        return samples;
    }

    private static double Time(BoundBatch batch)
    {
        var start = Stopwatch.GetTimestamp();
        batch.Run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
