namespace SparseGrid.Compression.Training;

/// <summary>From class scores to predictions to top-1; the same code for the framework's model and every runtime.</summary>
public static class Scores
{
    /// <summary>The class with the largest score of each image; on equal scores the smaller class, and a NaN never wins.</summary>
    /// <param name="scores">[N, classes] row-major.</param>
    /// <param name="predictions">[N].</param>
    public static void ArgMax(ReadOnlySpan<float> scores, int classes, Span<int> predictions)
    {
        for (var image = 0; image < predictions.Length; image++)
        {
            var row = scores.Slice(image * classes, classes);
            var best = 0;
            for (var label = 1; label < classes; label++)
            {
                if (row[label] > row[best] || float.IsNaN(row[best]))
                    best = label;
            }

            predictions[image] = best;
        }
    }

    /// <summary>Share of predictions that are the label, 0 to 1; NaN over none.</summary>
    public static double Top1(ReadOnlySpan<int> predictions, ReadOnlySpan<int> labels)
    {
        var correct = 0;
        for (var i = 0; i < labels.Length; i++)
            correct += predictions[i] == labels[i] ? 1 : 0;
        return (double)correct / labels.Length;
    }
}
