using SparseGrid.Compression.Data;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Analysis;

/// <summary>The scores that a file gives images, [N, classes], and the classes they mean.</summary>
internal sealed record FileScores(float[] Values, int[] Predicted)
{
    private const int UsualBatch = 16;

    /// <summary>Runs a file on images.</summary>
    /// <param name="batch">Images a call; images that do not fill a last one of a fixed batch are left out.</param>
    /// <param name="done">Told the images of each call.</param>
    public static FileScores Of(OnnxRuntimeSession session, LabeledImages images, Action<int> done, CancellationToken stop, int? batch = null)
    {
        var values = new List<float>(images.Count * images.Classes);
        var size = batch ?? UsualBatch;
        for (var from = 0; from < images.Count; from += size)
        {
            stop.ThrowIfCancellationRequested();
            var count = Math.Min(size, images.Count - from);
            if (batch is not null && count < size)
                break;
            values.AddRange(session.Run(images.Pixels(from, count), count));
            done(count);
        }

        var predicted = new int[values.Count / images.Classes];
        Scores.ArgMax(values.ToArray(), images.Classes, predicted);
        return new([.. values], predicted);
    }

    /// <summary>The figures beside those of the dense network.</summary>
    /// <param name="labels">Null where they are not known.</param>
    public QuickFigures Against(FileScores dense, int[]? labels)
    {
        double error = 0, power = 0;
        for (var i = 0; i < Values.Length; i++)
        {
            var (own, other) = ((double)Values[i], (double)dense.Values[i]);
            error += (own - other) * (own - other);
            power += other * other;
        }

        var same = Predicted.Zip(dense.Predicted).Count(pair => pair.First == pair.Second);
        return new(labels is null ? null : Scores.Top1(Predicted, labels), (double)same / Predicted.Length, power == 0 ? 0 : error / power);
    }
}
