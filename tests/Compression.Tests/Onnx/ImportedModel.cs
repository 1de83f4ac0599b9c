using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Golden;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;
using Flatten = SparseGrid.Compression.Graph.Flatten;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>What must hold of every imported network.</summary>
internal static class ImportedModel
{
    private const double Tolerance = 1e-4;                     // of the largest score

    /// <summary>The graph here, the file in the runtime, and both of our exports in the runtime give the scores.</summary>
    public static void AssertScores(ImportedNetwork network, byte[] file, HostArray images, float[] expected)
    {
        AssertNear(expected, Run(network.Graph, network.Weights, images));
        AssertNear(expected, InRuntime(file, images));
        foreach (var form in Enum.GetValues<BatchNormForm>())
            AssertNear(expected, InRuntime(OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: form)), images));
    }

    /// <summary>Export, import, export: the same layers, weights and bytes.</summary>
    public static void AssertSameAfterExport(ImportedNetwork network)
    {
        var file = OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: BatchNormForm.Keep));
        var again = OnnxImport.Read(file, "exported");

        Assert.Equal(network.Graph.Nodes.Select(Described), again.Graph.Nodes.Select(Described));
        Assert.Equal(network.Weights.Keys, again.Weights.Keys);
        Assert.All(network.Weights, weight => Assert.True(weight.Value.Bytes.Span.SequenceEqual(again.Weights[weight.Key].Bytes.Span), weight.Key));
        Assert.Equal(file, OnnxExporter.Export(again.Graph, again.Weights, new(BatchNorm: BatchNormForm.Keep)));
    }

    /// <summary>Pruned, calibrated and trained on for a few steps with fake quantization, the network and its exported file give the same scores.</summary>
    public static void AssertQuantizes(ImportedNetwork network, HostArray images, Dialect dialect)
    {
        var pruned = MagnitudePruning.Of(network.Graph, network.Weights, MaskPattern.TwoFour, PruningScope.Everything);
        Assert.All(pruned.Masks, mask => Assert.True(IsTwoFour(pruned.Weights[mask.Key]), mask.Key));

        var placement = QuantizerPlacement.Of(network.Graph, dialect);
        var histograms = placement.Activations.ToDictionary(quantizer => quantizer.Tensor, _ => new ActivationHistogram());
        using (var scope = NewDisposeScope())
        using (no_grad())
        using (var floats = new GraphNetwork(network.Graph, pruned.Weights, ComputeDevice.Cpu))
        {
            floats.Forward(tensor(images.Floats.ToArray(), [.. images.Shape]), training: false, (name, value) =>
            {
                if (histograms.TryGetValue(name, out var histogram))
                    histogram.Collect(value.contiguous().data<float>().ToArray(), name);
            });
        }

        var ranges = new QuantizationRanges(
            placement.Activations.ToImmutableSortedDictionary(q => q.Tensor, q => ActivationCalibrator.Amax(histograms[q.Tensor], CalibrationMethod.Percentile, 99.99, q.Signed)),
            placement.Weights.ToImmutableSortedDictionary(
                name => name, name => WeightCalibrator.ChannelAmax(pruned.Weights[((IWeightedNode)network.Graph.Nodes.First(node => node.Name == name)).WeightName])));
        var tuned = Tuned(network.Graph, pruned, placement, ranges, images);
        Assert.All(pruned.Masks, mask => Assert.True(IsTwoFour(tuned[mask.Key]), mask.Key));

        // What the file says, operator by operator: the runtime's own kernels are another test's matter.
        var options = new ExportOptions(BatchNorm: BatchNormForm.Fold);
        var file = OnnxExporter.ExportQuantized(network.Graph, tuned, placement, ranges, dialect, options);
        var deployed = IntegerBiases.Round(network.Graph, tuned, placement, ranges, dialect, options);
        var expected = Run(network.Graph, deployed, images, (placement, ranges));
        using var unoptimized = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        AssertNear(expected, InRuntime(file, images, unoptimized), 0.02);

        var back = OnnxImport.Read(file, "quantized");
        Assert.Empty(back.Notes);
        Assert.Equal(placement.Activations, back.Quantization!.Placement.Activations);
        Assert.Equal(placement.Weights, back.Quantization.Placement.Weights);
        Assert.All(placement.Activations, place => AssertSameRange(ranges.Activations[place.Tensor], back.Quantization.Ranges.Activations[place.Tensor], place.MaxLevel));
        AssertSameFile(file, back, BatchNormForm.Fold);
        AssertNear(InRuntime(file, images, unoptimized), Run(back.Graph, back.Weights, images, (back.Quantization.Placement, back.Quantization.Ranges)), 0.02);
    }

    /// <summary>
    /// The same bytes. With normalizations folded, a scale is |γ/σ| · amax / 127, and about one in 128 such numbers is no amax / 127 of any float: its last bit may then differ, once, and with it one of the millions of steps of a large bias.
    /// </summary>
    public static void AssertSameFile(byte[] file, ImportedNetwork network, BatchNormForm form)
    {
        var again = ExportAgain(network, form);
        // A flatten is written where it is read first, so that two of them may come in another order.
        if (form == BatchNormForm.Keep && !HasBiasOfMillions(file) && network.Graph.Nodes.OfType<Flatten>().Count() < 2)
            Assert.Equal(file, again);
        Assert.InRange(OnnxExpression.Compare(OnnxExpression.Of(file), OnnxExpression.Of(again), 2e-7), 0, 2e-7);
        Assert.Equal(Levels(file), Levels(again));
        var third = ExportAgain(OnnxImport.Read(again, "again"), form);
        Assert.InRange(OnnxExpression.Compare(OnnxExpression.Of(again), OnnxExpression.Of(third), 2e-7), 0, 2e-7);
        if (!HasBiasOfMillions(file))
            Assert.Equal(again, third);
    }

    // In float32 a bias of more than 2^22 steps is not the same to the step.
    private static bool HasBiasOfMillions(byte[] file) => ExportedSparsity.Parse(file).Graph.Initializer
        .Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int32)
        .Any(tensor => MemoryMarshal.Cast<byte, int>(tensor.RawData.Span).ToArray().Any(level => Math.Abs((long)level) > 1 << 22));

    private static IEnumerable<string> Levels(byte[] file) => ExportedSparsity.Parse(file).Graph.Initializer
        .Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int8).Select(tensor => $"{tensor.Name} {Convert.ToHexString(tensor.RawData.Span)}").Order(StringComparer.Ordinal);

    private static byte[] ExportAgain(ImportedNetwork network, BatchNormForm form) => OnnxExporter.ExportQuantized(
        network.Graph, network.Weights, network.Quantization!.Placement, network.Quantization.Ranges, network.Quantization.Dialect, new(BatchNorm: form));

    public static void AssertSameRange(float expected, float actual, int maxLevel)
    {
        Assert.Equal(QuantizationScale.Of(expected, maxLevel), QuantizationScale.Of(actual, maxLevel));
        Assert.InRange(actual, MathF.BitDecrement(expected), MathF.BitIncrement(expected));
    }

    private static ImmutableSortedDictionary<string, HostArray> Tuned(
        LayerGraph graph, PrunedNetwork pruned, QuantizerPlacement placement, QuantizationRanges ranges, HostArray images)
    {
        using var network = new GraphNetwork(graph, pruned.Weights, ComputeDevice.Cpu);
        network.Quantize(placement, ranges, RoundingRule.Onnx);
        using var optimizer = new MaskedSgd(network.Trained, pruned.Masks, 0.9, 1e-4);
        for (var step = 0; step < 3; step++)
        {
            using var scope = NewDisposeScope();
            var scores = network.Forward(tensor(images.Floats.ToArray(), [.. images.Shape]), training: true);
            nn.functional.cross_entropy(scores, tensor(Enumerable.Range(0, (int)images.Shape[0]).Select(label => (long)label).ToArray())).backward();
            optimizer.Step(1e-4);
        }

        Assert.True(network.IsFinite());
        return network.ToArrays();
    }

    private static bool IsTwoFour(HostArray weight) => GroupsOfFour.Check(weight.Floats, weight.Shape.AsSpan()).Valid;

    public static float[] Run(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, HostArray images, (QuantizerPlacement Placement, QuantizationRanges Ranges)? quantized = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        if (quantized is var (placement, ranges))
            network.Quantize(placement, ranges, RoundingRule.Onnx);
        return network.Forward(tensor(images.Floats.ToArray(), [.. images.Shape]), training: false).contiguous().data<float>().ToArray();
    }

    public static float[] InRuntime(byte[] file, HostArray images, SessionOptions? how = null)
    {
        using var ours = how is null ? new SessionOptions() : null;
        using var session = new InferenceSession(file, how ?? ours);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.Floats.ToArray(), [.. images.Shape]);
        using var output = session.Run(options, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public static void AssertNear(float[] expected, float[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        var farthest = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(farthest <= tolerance * largest, $"{farthest} apart, scores up to {largest}");
    }

    private static string Described(Node node) => $"{node.GetType().Name} {node.Name}: {string.Join(", ", node.Inputs)} -> {string.Join(", ", node.Outputs)}";
}
