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
        foreach (var layer in Eligibility.Of(work.Graph))
        {
            // What was pruned shows in the float weights: no dense layer has two zeros in each group of four.
            var weight = weights[layer.WeightName];
            var (count, zeros, valid) = GroupsOfFour.Check(weight.Floats, weight.Shape.AsSpan());
            var pruned = layer.Eligible && valid && 2 * zeros >= count;
            sparse |= pruned;
            var found = exported[layer.Node];
            if (pruned && !found.TwoFour)
                throw new StageFailedException($"{layer.Node} was pruned, but the exported weights are not 2:4: a group of four along the input channels has three or more that are not zero.");
            var decision = quantized.GetValueOrDefault(layer.Node);
            layers.Add(new(
                layer.Node, layer.Shape, found.Weights, found.Zeros, pruned, found.TwoFour, SparseKernel: false, Why: layer.Eligible ? string.Empty : layer.Reason,
                decision?.Quantized, decision?.Why));
        }

        var result = layers.Select(layer => !sparse ? layer with { Why = string.Empty } : layer.Pruned ? layer with { Why = "onnxruntime's CPU kernels have no 2:4 form" } : layer);
        return new(
            ImmutableSortedDictionary<string, string>.Empty
                .Add("onnx", work.Artifacts.Put(onnx))
                .Add("layers", work.Artifacts.Put(JsonSerializer.SerializeToUtf8Bytes(result.ToArray()))),
            ImmutableSortedDictionary<string, double>.Empty.Add("file_bytes", onnx.Length),
            []);
    }
}
