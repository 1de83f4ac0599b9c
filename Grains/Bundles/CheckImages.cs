using SparseGrid.Compression.Data;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using static SparseGrid.Compression.Training.Scores;

namespace SparseGrid.Grains.Bundles;

/// <summary>Test images by which a bundle is checked, and the scores that its file gives them.</summary>
/// <param name="Inputs"><c>images</c> F32 [n, C, H, W] as the network gets them, <c>index</c> in the test split and <c>label</c>, I64 [n].</param>
/// <param name="Outputs"><c>scores</c> F32 [n, classes] and <c>predicted</c> I64 [n].</param>
internal sealed record CheckImages(IReadOnlyDictionary<string, HostArray> Inputs, IReadOnlyDictionary<string, HostArray> Outputs)
{
    /// <summary>Images spread evenly over the test split, so that no class is favoured, scored by the file.</summary>
    /// <param name="batch">Images a call; the last call is filled up.</param>
    public static CheckImages Of(OnnxRuntimeSession session, LabeledImages test, int wanted, int? batch)
    {
        var count = batch is { } fixedBatch ? (wanted + fixedBatch - 1) / fixedBatch * fixedBatch : Math.Min(wanted, test.Count);
        var indexes = Enumerable.Range(0, count).Select(place => (int)((long)place * test.Count / count)).ToArray();
        var chosen = test.At(indexes);
        var pixels = chosen.Pixels(0, count);
        var scores = ScoresOf(session, pixels, count, batch ?? count);
        var predicted = new int[count];
        ArgMax(scores, test.Classes, predicted);
        return new(
            new Dictionary<string, HostArray>
            {
                ["images"] = HostArray.Of(pixels, count, test.Shape.Channels, test.Shape.Height, test.Shape.Width),
                ["index"] = Longs(indexes),
                ["label"] = Longs(chosen.Labels),
            },
            new Dictionary<string, HostArray> { ["scores"] = HostArray.Of(scores, count, test.Classes), ["predicted"] = Longs(predicted) });
    }

    /// <summary>Scores [n, classes] of images [n, C, H, W], so many a call.</summary>
    public static float[] ScoresOf(OnnxRuntimeSession session, ReadOnlySpan<float> pixels, int count, int batch)
    {
        var scores = new List<float>();
        var image = pixels.Length / count;
        for (var from = 0; from < count; from += batch)
            scores.AddRange(session.Run(pixels.Slice(from * image, batch * image), batch));
        return [.. scores];
    }

    private static HostArray Longs(int[] values) => HostArray.Of(Array.ConvertAll(values, value => (long)value), values.Length);
}
