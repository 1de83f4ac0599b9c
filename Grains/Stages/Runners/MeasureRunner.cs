using System.Collections.Immutable;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage measure: calls of the deployed file and of the dense baseline in turn, on the same images.</summary>
internal static class MeasureRunner
{
    /// <summary>Makes numbers, and of the engine what it did with each layer.</summary>
    public static StageOutput Run(StageWork work, MeasureStage stage) => stage.Settings.OnGpu ? GpuMeasurement.Run(work, stage.Settings) : OnProcessor(work, stage.Settings);

    private static StageOutput OnProcessor(StageWork work, MeasureSettings settings)
    {
        var shape = work.Data.Validation.Shape;
        var images = new float[settings.Batch * shape.Count];
        for (var i = 0; i < settings.Batch; i++)
            work.Data.Validation.CopyTo(i % work.Data.Validation.Count, images.AsSpan(i * shape.Count, shape.Count));

        using var candidate = work.Session(settings.Threads);
        using var baseline = OnnxRuntimeSession.Load(work.Bytes("baseline"), settings.Threads);
        var samples = LatencyMeasurement.Measure(
            candidate, baseline, images, settings.Batch, settings.WarmupRuns, settings.Runs, done => work.Report(done, settings.Runs, "runs"), work.Stop);
        return new(ImmutableSortedDictionary<string, string>.Empty, Numbers(settings, samples), OnnxRuntimeSession.Caveat is { } caveat ? [caveat] : []);
    }

    /// <summary>The record's numbers.</summary>
    internal static ImmutableSortedDictionary<string, double> Numbers(MeasureSettings settings, LatencySamples samples) =>
        ImmutableSortedDictionary<string, double>.Empty
            .Add("batch", settings.Batch).Add("threads", settings.Threads).Add("runs", settings.Runs)
            .Add("median_ms", samples.CandidateMedianMs).Add("p99_ms", samples.CandidateP99Ms)
            .Add("baseline_median_ms", samples.BaselineMedianMs).Add("baseline_p99_ms", samples.BaselineP99Ms);
}
