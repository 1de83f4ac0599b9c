using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>A small residual network that pytorch-quantization calibrated, with its scores and the files that PyTorch wrote of it (golden family
/// onnx_io).</summary>
public sealed class GoldenNetworkTests
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("SPARSEGRID_GOLDEN") is { Length: > 0 } folder
        ? folder
        : Path.Combine(AppContext.BaseDirectory, "Golden", "data");

    private static readonly ImmutableSortedDictionary<string, HostArray> Recorded =
        SafeTensors.Read(File.ReadAllBytes(Path.Combine(Folder, "onnx_io.safetensors")), "onnx_io.safetensors");

    [Theory]
    [InlineData("per_channel", false, BatchNormForm.Fold)]
    [InlineData("per_channel", false, BatchNormForm.Keep)]
    [InlineData("per_tensor", false, BatchNormForm.Fold)]
    [InlineData("unsigned_residual", true, BatchNormForm.Fold)]
    [InlineData("unsigned_residual", true, BatchNormForm.Keep)]
    public void Our_export_gives_the_scores_of_pytorch_quantization(string name, bool unsignedAfterRelu, BatchNormForm form)
    {
        var graph = Network();
        var weights = graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => Of(name, $"state.{parameter.Name}"));
        (string Tensor, string Quantizer, bool AfterRelu)[] places =
        [
            ("input", "conv1._input_quantizer", false), ("maxpool_out", "block.conv1._input_quantizer", true),
            ("block.relu1_out", "block.conv2._input_quantizer", true), ("block.downsample.1_out", "block.residual_quantizer", false),
            ("avgpool_out", "fc._input_quantizer", true),
        ];
        var placement = new QuantizerPlacement(
            [.. places.Select(place => new ActivationQuantizer(place.Tensor, Signed: !(unsignedAfterRelu && place.AfterRelu)))],
            [.. graph.WeightedNodes.Select(node => node.Name)]);
        var ranges = new QuantizationRanges(
            places.ToImmutableSortedDictionary(place => place.Tensor, place => Amax(name, place.Quantizer, 1)[0]),
            graph.WeightedNodes.ToImmutableSortedDictionary(node => node.Name, node => Amax(name, $"{node.Name}._weight_quantizer", (int)node.Parameters.First().Shape[0])));

        var file = OnnxExporter.ExportQuantized(graph, weights, placement, ranges, Dialect.TensorRt, new(BatchNorm: form, Rounding: RoundingRule.Pq));

        // What the file says, operator by operator; then as the runtime really runs it: it rounds folded biases, which moves a few levels by a step.
        AssertRecordedScores(name, images => RunUnoptimized(file, images), 1e-4);
        using var session = OnnxRuntimeSession.Load(file);
        AssertRecordedScores(name, images => session.Run(images.Floats, (int)images.Shape[0]), form == BatchNormForm.Keep ? 1e-4 : 0.1);
    }

    [Theory]
    [InlineData("per_channel")]
    [InlineData("per_channel_nofold")]
    [InlineData("per_channel_opset17")]
    [InlineData("per_tensor")]
    [InlineData("unsigned_residual")]
    public void Files_that_PyTorch_wrote_run_and_their_weights_are_found(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(Folder, $"quantnet_{name}.onnx"));
        using (var session = OnnxRuntimeSession.Load(file))
            AssertRecordedScores(name, images => session.Run(images.Floats, (int)images.Shape[0]), 1e-4);

        var layers = ExportedSparsity.Of(file);
        Assert.Equal(["8x3x3x3", "16x8x3x3", "16x16x3x3", "16x8x1x1", "10x16"], layers.Select(layer => layer.Shape));
        Assert.All(layers, layer => Assert.False(layer.TwoFour));
    }

    private static LayerGraph Network()
    {
        var builder = new GraphBuilder("input");
        var x = builder.ConvNormRelu("conv1", "bn1", "relu", "input", 3, 8, Window.Square(3, 1, 1));
        x = builder.Add(new MaxPool("maxpool", x, "maxpool_out", Window.Square(3, 2, 1)));
        var branch = builder.ConvNormRelu("block.conv1", "block.bn1", "block.relu1", x, 8, 16, Window.Square(3, 2, 1));
        branch = builder.ConvNorm("block.conv2", "block.bn2", branch, 16, 16, Window.Square(3, 1, 1));
        var identity = builder.ConvNorm("block.downsample.0", "block.downsample.1", x, 8, 16, Window.Square(1, 2));
        x = builder.Add(new Add("block.add", branch, identity, "block.add_out"));
        x = builder.Add(new Relu("block.relu2", x, "block.relu2_out"));
        x = builder.Add(new GlobalAveragePool("avgpool", x, "avgpool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        return new("quantnet", "input", new(3, 16, 16), builder.Add(new Gemm("fc", x, "output", 16, 10)), builder.Nodes);
    }

    /// <summary>A recorded array; what the cases share is filed under the first of them.</summary>
    private static HostArray Of(string name, string role) => Recorded.TryGetValue($"{name}/{role}", out var array) ? array : Recorded[$"per_channel/{role}"];

    private static ImmutableArray<float> Amax(string name, string quantizer, int channels)
    {
        var recorded = Of(name, $"state.{quantizer}._amax").Floats.ToArray();
        return recorded.Length == channels ? [.. recorded] : [.. Enumerable.Repeat(recorded.Single(), channels)];
    }

    private static void AssertRecordedScores(string name, Func<HostArray, float[]> run, double tolerance)
    {
        var expected = Of(name, "y").Floats.ToArray();            // −8 to 8
        var scores = run(Of(name, "x"));
        Assert.Equal(expected.Length, scores.Length);
        Assert.All(expected.Zip(scores), pair => Assert.InRange(Math.Abs(pair.Second - pair.First), 0, tolerance));
    }

    private static float[] RunUnoptimized(byte[] file, HostArray images)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(file, options);
        using var runOptions = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.Floats.ToArray(), [.. images.Shape]);
        using var output = session.Run(runOptions, ["input"], [input], ["output"]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
