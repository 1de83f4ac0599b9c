using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Compression.Statistics;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Results;

/// <summary>Puts results together from stage records and the artifacts they name.</summary>
public sealed class ResultAssembler(IArtifactStore artifacts) : IResultAssembler
{
    /// <inheritdoc/>
    public VariantResult Assemble(Assignment assignment, IReadOnlyList<StageRecord> stages, VariantResult? parent, VariantResult? dense)
    {
        var measured = stages.LastOrDefault(stage => stage.Kind == "measure");
        if (measured is null && assignment.Measure.Runs > 0)
            throw new StageFailedException("The variant has no measure stage, so it has no complete result.");
        return new(
            assignment.Variant, assignment.Recipe, [.. stages],
            AccuracyOn("validation", stages, dense), AccuracyOn("test", stages, dense),
            measured is null ? Latency.None(assignment.Measure.Batch, assignment.Measure.Threads) : LatencyOf(measured.Numbers, assignment.Measure),
            artifacts.SizeOf(Made(stages, "onnx").Artifacts["onnx"]),
            Executed(Layers(Made(stages, "layers").Artifacts["layers"]), assignment, measured));
    }

    private static Latency LatencyOf(ImmutableSortedDictionary<string, double> measured, MeasureSettings settings) => new(
        (int)measured["batch"], (int)measured["threads"], (int)measured["runs"], measured["median_ms"], measured["p99_ms"],
        measured["baseline_median_ms"], measured["baseline_p99_ms"], settings.OnGpu ? settings.Baseline : null);

    // What the exporter wrote of kernels is about ONNX Runtime; what the engine did, its measurement tells.
    private ImmutableArray<LayerSparsity> Executed(ImmutableArray<LayerSparsity> layers, Assignment assignment, StageRecord? measured)
    {
        if (!assignment.Measure.OnGpu)
            return layers;

        var hash = measured?.Artifacts.GetValueOrDefault(EngineLayer.Role);
        var engine = hash is null ? [] : JsonSerializer.Deserialize<EngineLayer[]>(artifacts.Get(hash)) ?? [];
        LayerSparsity Told(LayerSparsity layer)
        {
            var found = engine.FirstOrDefault(each => each.IsOf(layer.Layer));
            var why = !layer.Pruned ? layer.Why
                : found is not null ? found.Reason
                : measured is null ? "not measured: which kernels run is decided on a GPU"
                : hash is null ? "libtorch's float16 kernels have no 2:4 form"
                : "it runs in a kernel of its own, which is dense";
            return layer with
            {
                SparseKernel = found?.Sparse ?? false, Why = why, Kernel = found?.Kernel, DenseMicroseconds = found?.DenseMicroseconds, SparseMicroseconds = found?.SparseMicroseconds,
            };
        }

        return [.. layers.Select(Told)];
    }

    private Accuracy AccuracyOn(string split, IReadOnlyList<StageRecord> stages, VariantResult? dense)
    {
        var role = $"predictions_{split}";
        var evaluated = Made(stages, role);
        var own = Predictions(evaluated.Artifacts[role]);
        var ancestor = dense?.Artifact(role) is { } hash ? Predictions(hash) : own;
        var right = Correct(own);
        var paired = PairedComparison.Of(right, Correct(ancestor));
        var flips = PredictionFlips.Of(own.Label.Longs, ancestor.Predicted.Longs, own.Predicted.Longs);
        var interval = WilsonInterval.Of(right.Count(answer => answer), right.Length);
        var numbers = evaluated.Numbers;
        return new(
            numbers["top1"], (int)numbers["images"], numbers["framework_top1"], (int)numbers["mismatches"],
            paired.Difference, dense is null ? 0 : paired.Low, dense is null ? 0 : paired.High, paired.McNemarP,
            interval.Low, interval.High, flips.Lost, flips.Gained, flips.OtherwiseWrong);
    }

    private (HostArray Predicted, HostArray Label) Predictions(string hash)
    {
        var arrays = SafeTensors.Read(artifacts.Get(hash), $"artifact {hash[..12]}… (predictions)");
        return (arrays["predicted"], arrays["label"]);
    }

    private static bool[] Correct((HostArray Predicted, HostArray Label) predictions)
    {
        var correct = new bool[predictions.Label.Count];
        for (var i = 0; i < correct.Length; i++)
            correct[i] = predictions.Predicted.Longs[i] == predictions.Label.Longs[i];
        return correct;
    }

    private ImmutableArray<LayerSparsity> Layers(string hash) =>
        [.. JsonSerializer.Deserialize<LayerSparsity[]>(artifacts.Get(hash)) ?? throw new StageFailedException($"Artifact {hash} lists no layers; delete it, and the export runs again.")];

    private static StageRecord Made(IReadOnlyList<StageRecord> stages, string role) =>
        stages.LastOrDefault(stage => stage.Artifacts.ContainsKey(role))
        ?? throw new StageFailedException($"No stage made {role}, so the variant has no complete result. Its recipe lacks a stage.");
}
