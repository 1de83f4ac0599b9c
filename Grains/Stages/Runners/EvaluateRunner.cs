using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage evaluate: the deployed file on one split, and the framework's model beside it on the same images.</summary>
/// <remarks>It keeps no checkpoints: a pass over 10,000 images is seconds of work, and one that was cut short starts over and predicts the same.</remarks>
internal static class EvaluateRunner
{
    private const int BatchSize = 64;

    private delegate float[] Scorer(ReadOnlySpan<float> images, int count);

    /// <summary>Makes the predictions of the file, image by image.</summary>
    public static StageOutput Run(StageWork work, EvaluateStage stage)
    {
        var images = stage.Split switch
        {
            "validation" => work.Data.Validation,
            "test" => work.Data.Test,
            _ => throw new StageFailedException($"evaluate.split is '{stage.Split}'; it is validation or test."),
        };

        var (deployed, notes) = stage.Runtime == MeasureSettings.CudaInt8 ? Integers(work, images) : (Floats(work, images), []);
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
            notes);
    }

    private static int[] Floats(StageWork work, LabeledImages images)
    {
        using var session = work.Session(work.Request.Recipe.Numerics.Threads);
        return Predicted(work, images, session.Run);
    }

    // The reference defines the engine's bits, so which of the two predicts makes no difference.
    private static (int[] Predictions, ImmutableArray<string> Notes) Integers(StageWork work, LabeledImages images)
    {
        var numerics = work.Request.Recipe.Numerics;
        var onGpu = numerics.Device == "cuda";
        using var session = onGpu ? CudaInt8Session.OnGpu(work.Bytes("onnx"), BatchSize) : CudaInt8Session.OnProcessor(work.Bytes("onnx"), numerics.Threads);
        return (Predicted(work, images, session.Run), onGpu ? [] : [$"Files of dialect cuda-int8 were evaluated by {session.Executor}, which gives the bits of the engine on a GPU."]);
    }

    private static int[] Predicted(StageWork work, LabeledImages images, Scorer run)
    {
        var predictions = new int[images.Count];
        for (var from = 0; from < images.Count; from += BatchSize)
        {
            work.Stop.ThrowIfCancellationRequested();
            var count = Math.Min(BatchSize, images.Count - from);
            var scores = run(images.Pixels(from, count), count);
            Scores.ArgMax(scores, images.Classes, predictions.AsSpan(from, count));
            work.Report(from + count, images.Count, "images");
        }

        return predictions;
    }
}
