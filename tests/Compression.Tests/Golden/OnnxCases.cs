using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Modules;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>
/// Files that PyTorch wrote of calibrated networks: they run here with the recorded outputs, and our export of the same network means the same node by node. And
/// what the reference's exporter refuses.
/// </summary>
internal static class OnnxCases
{
    private const double Tolerance = 1e-4;                    // of outputs near 8; float32 sums in another order

    public static double Compare(GoldenCase each)
    {
        if (each.Value("file") is { } file)
            return CompareFile(each, File.ReadAllBytes(Path.Combine(GoldenIndex.Folder, file.GetValue<string>())));
        if (each.Value("errors") is JsonObject errors)
            return CompareRefusals(errors);
        if (each.Value("float_constants") is JsonArray constants)
            return CompareScales(each, constants);
        throw Xunit.Sdk.SkipException.ForSkip("the case has no file, no errors and no constants to compare with");
    }

    private static double CompareFile(GoldenCase each, byte[] file)
    {
        CompareWithIndex(each, file);
        var recorded = Math.Max(Near(each, RunAsWritten(each, file)), Near(each, Run(each, file)));

        var (graph, layers) = NetworkText.Parse(each.Value("network")!.AsArray().Select(line => line!.GetValue<string>()), ShapeOf(each.Input("x")!));
        var state = each.Inputs.Where(role => role.StartsWith("state.", StringComparison.Ordinal)).ToDictionary(role => role["state.".Length..], role => each.Input(role)!);
        var dialect = Dialect.TensorRt with { UnsignedAfterRelu = each.Argument("unsigned_inputs_after_relu", false) };
        var placement = QuantizerPlacement.Of(graph, dialect, layers);
        var ranges = QuantizerState.Read(graph, placement, state);
        byte[] Export(BatchNormForm form) =>
            OnnxExporter.ExportQuantized(graph, state, placement, ranges, dialect, new(each.Argument("opset_version", 13), form, Rounding: RoundingRule.Pq));

        var ours = Export(BatchNormForm.Keep);
        Assert.Equal(each.Argument("opset_version", 13), ExportedSparsity.Parse(ours).OpsetImport.Single().Version);
        var scales = OnnxExpression.Compare(OnnxExpression.Of(file), OnnxExpression.Of(ours), 2e-7);
        Near(each, RunAsWritten(each, ours));
        Near(each, Run(each, ours));

        // Folded it is another graph of the same outputs; the runtime then rounds its biases, which moves a few levels by a step.
        Near(each, RunAsWritten(each, Export(BatchNormForm.Fold)));
        Near(each, Run(each, Export(BatchNormForm.Fold)), 0.1);
        return Math.Max(recorded, scales);
    }

    // The index is about this very file.
    private static void CompareWithIndex(GoldenCase each, byte[] file)
    {
        var nodes = ExportedSparsity.Parse(file).Graph.Node;
        Assert.Equal(
            each.Value("node_list")!.AsArray().Select(node => $"{node!["op"]} {node["name"]}: {string.Join(", ", node["inputs"]!.AsArray().Select(input => input!.GetValue<string>()))}"),
            nodes.Select(node => $"{node.OpType} {node.Name}: {string.Join(", ", node.Input)}"));
        var weights = each.Value("initializers")!.AsObject().Select(entry => entry.Value!.AsArray().Select(size => size!.GetValue<long>()).ToArray()).Where(shape => shape.Length > 1);
        Assert.Equal(weights.Select(shape => string.Join('x', shape)).Order(), ExportedSparsity.Of(file).Select(layer => layer.Shape).Order());
    }

    private static double CompareScales(GoldenCase each, JsonArray constants)
    {
        float[] amax = [.. each.Argument("weight amax")!.AsArray().Select(value => value!.GetValue<float>())];
        using var scope = NewDisposeScope();
        using var module = new QuantConv2d(1, amax.Length, Window.Square(1));
        module.InputQuantizer.SetAmax(constants[0]!.GetValue<float>() * 127);
        module.WeightQuantizer.SetAmax(tensor(amax).view(-1, 1, 1, 1));

        var graph = ExportedSparsity.Parse(ModuleGraph.Export(module, new(1, 4, 4), new(each.Argument("opset_version", 13)))).Graph;
        var names = graph.Node.Where(node => node.OpType is "DequantizeLinear").Select(node => node.Input[1]).Distinct();
        var scales = names.Select(name => graph.Initializer.Single(tensor => tensor.Name == name)).Select(tensor => FloatsOf(tensor.RawData.Span)).ToList();
        Assert.Equal(constants.Select(constant => constant is JsonArray list ? list.Select(value => value!.GetValue<float>()).ToArray() : [constant!.GetValue<float>()]), scales);
        return 0;
    }

    private static double CompareRefusals(JsonObject errors)
    {
        foreach (var (what, _) in errors)
        {
            QuantizerSettings input = new(), weight = QuantizerSettings.Weight;
            (input, weight) = what switch
            {
                "no amax" => (input, weight),
                "narrow_range signed" => (input with { NarrowRange = true, Amax = 1 }, weight),
                "two axes" => (input with { Amax = 1 }, weight with { Axes = [0, 1] }),
                "per channel, opset 12" => (input with { Amax = 1 }, weight),
                _ when what.EndsWith(" bits", StringComparison.Ordinal) => (input with { Bits = int.Parse(what[..^" bits".Length]), Amax = 1 }, weight),
                _ => throw Xunit.Sdk.SkipException.ForSkip($"what the reference refuses as '{what}' has no counterpart here"),
            };
            using var scope = NewDisposeScope();
            using var module = new QuantConv2d(4, 8, Window.Square(3), input: input, weight: weight);
            if (what is "two axes")
                module.WeightQuantizer.SetAmax(ones(8, 4, 1, 1));
            else if (what is not "no amax")
                module.WeightQuantizer.SetAmax(ones(8, 1, 1, 1));
            var options = new ExportOptions(what.EndsWith("opset 12", StringComparison.Ordinal) ? 12 : 13);

            var refused = Assert.ThrowsAny<Exception>(() => ModuleGraph.Export(module, new(4, 8, 8), options));
            Assert.True(refused is InvalidDataException or ArgumentException, $"{what}: {refused}");
            Assert.Contains(
                what switch
                {
                    "no amax" => "has no range; calibrate it, or set its amax",
                    "narrow_range signed" => "QuantizeLinear saturates at −128",
                    "two axes" => "DequantizeLinear takes one axis",
                    "per channel, opset 12" => "opset is 12: 13 to 21 can be written: 13 is the first with a scale per channel",
                    _ => "the file takes int8 and uint8",
                },
                refused.Message, StringComparison.Ordinal);
        }

        return 0;
    }

    private static ImageShape ShapeOf(HostArray images) => new((int)images.Shape[1], (int)images.Shape[2], (int)images.Shape[3]);

    private static double Near(GoldenCase each, float[] scores, double tolerance = Tolerance)
    {
        var expected = each.Output("y")!.Floats.ToArray();
        Assert.Equal(expected.Length, scores.Length);
        var largest = expected.Zip(scores, (a, b) => Math.Abs(a - (double)b)).Max();
        Assert.InRange(largest, 0, tolerance);
        return largest;
    }

    private static float[] Run(GoldenCase each, byte[] file)
    {
        using var session = OnnxRuntimeSession.Load(file);
        return session.Run(each.Input("x")!.Floats, (int)each.Input("x")!.Shape[0]);
    }

    // Operator by operator, nothing fused.
    private static float[] RunAsWritten(GoldenCase each, byte[] file)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(file, options);
        using var runOptions = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(each.Input("x")!.Floats.ToArray(), [.. each.Input("x")!.Shape]);
        using var output = session.Run(runOptions, [.. session.InputNames], [input], [.. session.OutputNames]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] FloatsOf(ReadOnlySpan<byte> bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
