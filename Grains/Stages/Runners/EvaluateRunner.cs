using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage evaluate: the deployed file on one split, and the framework's model beside it on the same images.</summary>
/// <remarks>It keeps no checkpoints: a pass over 10,000 images is seconds of work, and one that was cut short starts over and predicts the same.</remarks>
internal static class EvaluateRunner
{
    private const int BatchSize = 64;

    /// <summary>Makes the predictions of the file, image by image.</summary>
    public static StageOutput Run(StageWork work, EvaluateStage stage)
    {
        var images = stage.Split switch
        {
            "validation" => work.Data.Validation,
            "test" => work.Data.Test,
            _ => throw new StageFailedException($"evaluate.split is '{stage.Split}'; it is validation or test."),
        };

        var deployed = Deployed(work, images);
        int[] framework;
        using (var network = work.Deployed())
            framework = Evaluator.Predict(network, images, work.Stop);

        var predictions = new Dictionary<string, HostArray>
        {
            ["predicted"] = HostArray.Of(Array.ConvertAll(deployed, label => (long)label), deployed.Length),
            ["label"] = HostArray.Of(Array.ConvertAll(images.Labels, label => (long)label), images.Count),
        };
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add($"predictions_{stage.Split}", work.Artifacts.Put(SafeTensors.Write(predictions))),
            ImmutableSortedDictionary<string, double>.Empty
                .Add("top1", Scores.Top1(deployed, images.Labels))
                .Add("framework_top1", Scores.Top1(framework, images.Labels))
                .Add("mismatches", deployed.Zip(framework).Count(pair => pair.First != pair.Second))
                .Add("images", images.Count),
            []);
    }

    private static int[] Deployed(StageWork work, LabeledImages images)
    {
        using var session = work.Session(work.Request.Recipe.Numerics.Threads);
        var predictions = new int[images.Count];
        for (var from = 0; from < images.Count; from += BatchSize)
        {
            work.Stop.ThrowIfCancellationRequested();
            var count = Math.Min(BatchSize, images.Count - from);
            var scores = session.Run(images.Pixels(from, count), count);
            Scores.ArgMax(scores, images.Classes, predictions.AsSpan(from, count));
            work.Report(from + count, images.Count, "images");
        }

        return predictions;
    }
}
