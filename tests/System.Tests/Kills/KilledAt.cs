using System.Globalization;

namespace SparseGrid.System.Tests.Kills;

/// <summary>A step of a stage at which the process dies, and what it leaves.</summary>
/// <param name="Kind">Kind of stage; qat is a quantization-aware finetune.</param>
/// <param name="Step">Steps of a training, batches of a collect stage, quantizers of a calibrate stage; counted from 1.</param>
internal sealed record KilledAt(string Kind, int Step)
{
    private const double StepsPerEpoch = 19;                  // 1,222 training images in batches of 64
    private const int ImagesPerBatch = 64;

    /// <summary>The point as the target reads it.</summary>
    public string Point => string.Create(CultureInfo.InvariantCulture, $"step:{Kind}:{Progress:R}");

    /// <summary>The line that the next run logs when it goes on from the last checkpoint; null where there is none to go on from.</summary>
    /// <param name="every">Steps from one checkpoint to the next.</param>
    public string? GoesOn(int every)
    {
        // The process dies when a step is told, which is before that step's own checkpoint.
        var last = (Step - 1) / every * every;
        return last == 0 || Kind == "calibrate" ? null : $"{(Kind == "qat" ? "finetune" : Kind)} {(Kind == "collect" ? last * ImagesPerBatch : last)}";
    }

    private double Progress => Kind switch
    {
        "collect" => Step * ImagesPerBatch,
        "calibrate" => Step,
        _ => Step / StepsPerEpoch,
    };

    /// <summary>Distinct steps of one stage, in order, as a function of the seed.</summary>
    public static IEnumerable<KilledAt> Draw(string kind, int steps, int count, int seed)
    {
        var draws = new Random(HashCode(kind) + seed);
        return Enumerable.Range(1, steps).OrderBy(_ => draws.Next()).Take(count).Order().Select(step => new KilledAt(kind, step));
    }

    // That of the runtime differs from process to process.
    private static int HashCode(string text) => text.Aggregate(0, (hash, letter) => unchecked((hash * 31) + letter));
}
