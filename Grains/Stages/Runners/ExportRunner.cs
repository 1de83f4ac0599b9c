using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage export: the deployed ONNX file, read back to see that what was pruned is 2:4 in it.</summary>
internal static class ExportRunner
{
    /// <summary>Makes the file and a list of its layers' sparsity.</summary>
    public static StageOutput Run(StageWork work, ExportStage stage)
    {
        var weights = work.Arrays("weights");
        var options = StageWork.OptionsOf(stage);
        byte[] onnx;
        if (stage.Quantize is { } quantize)
        {
            onnx = OnnxExporter.ExportQuantized(
                work.Graph, weights, LayerChoice.Placement(work.Graph, quantize.Dialect, quantize.Layers), work.Ranges(), Dialect.Named(quantize.Dialect), options);
        }
        else
        {
            onnx = OnnxExporter.Export(work.Graph, weights, options);
        }

        var exported = ExportedSparsity.Of(onnx).ToDictionary(layer => layer.Node);
        var quantized = stage.Quantize?.Layers is { } chosen ? LayerChoice.Of(chosen).Of(work.Graph).ToDictionary(layer => layer.Layer) : [];
        var sparse = work.Request.Recipe.Kind == VariantKind.Sparse;
        var layers = ImmutableArray.CreateBuilder<LayerSparsity>();
        var prune = stage.Prune ?? new();
        var pattern = MaskPattern.Named(prune.Pattern);
        foreach (var layer in Eligibility.Of(work.Graph, pattern, LayerChoice.Of(prune)))
        {
            // What was pruned shows in the float weights: no dense layer has two zeros in each group of four, nor as many as the pattern in each of its groups.
            var weight = weights[layer.WeightName];
            var (count, zeros, valid) = GroupsOfFour.Check(weight.Floats, weight.Shape.AsSpan());
            var pruned = layer.Eligible
                && (pattern.IsTwoFour ? valid && 2 * zeros >= count : GroupSparsity.Holds(weight.Floats, weight.Shape.AsSpan(), pattern.Kept, pattern.GroupSize));
            sparse |= pruned;
            var found = exported[layer.Node];
            if (pruned && pattern.IsTwoFour && !found.TwoFour)
                throw new StageFailedException($"{layer.Node} was pruned, but the exported weights are not 2:4: a group of four along the input channels has three or more that are not zero.");
            if (pruned && found.Zeros < zeros)
                throw new StageFailedException($"{layer.Node} was pruned to {zeros} zeros, but the exported weights hold {found.Zeros}.");
            var decision = quantized.GetValueOrDefault(layer.Node);
            layers.Add(new(
                layer.Node, layer.Shape, found.Weights, found.Zeros, pruned, found.TwoFour, SparseKernel: false, Why: layer.Eligible ? string.Empty : layer.Reason,
                decision?.Quantized, decision?.Why));
        }

        // What the engine does with a layer is known when it is measured.
        var unused = stage.Quantize is { Dialect: MeasureSettings.CudaInt8 } && pattern.IsTwoFour ? string.Empty
            : pattern.IsTwoFour ? "onnxruntime's CPU kernels have no 2:4 form" : $"{pattern.Kept}:{pattern.GroupSize} is not 2:4: no sparse kernel takes it";
        var result = layers.Select(layer => !sparse ? layer with { Why = string.Empty } : layer.Pruned ? layer with { Why = unused } : layer);
        return new(
            ImmutableSortedDictionary<string, string>.Empty
                .Add("onnx", work.Artifacts.Put(onnx))
                .Add("layers", work.Artifacts.Put(JsonSerializer.SerializeToUtf8Bytes(result.ToArray()))),
            ImmutableSortedDictionary<string, double>.Empty.Add("file_bytes", onnx.Length),
            []);
    }
}
