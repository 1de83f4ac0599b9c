using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

public sealed class QuantizedExportTests
{
    private const int Batch = 4;

    public static TheoryData<string, int, string, BatchNormForm> Networks
    {
        get
        {
            var networks = new TheoryData<string, int, string, BatchNormForm>();
            foreach (var dialect in Dialect.All)
            {
                networks.Add("resnet8", 8, dialect.Name, BatchNormForm.Fold);
                networks.Add("resnet8", 8, dialect.Name, BatchNormForm.Keep);
                networks.Add("resnet18", 32, dialect.Name, BatchNormForm.Fold);
                networks.Add("every", 0, dialect.Name, BatchNormForm.Fold);
            }

            return networks;
        }
    }

    /// <summary>
    /// The reference goes from one quantized tensor to the next in double, each time from the levels that the runtime had, so that a difference is that of
    /// one layer. The runtime
    /// sums integers exactly, but a folded bias is rounded to the scale input · weight (by ONNX Runtime itself where the file has it in float), at most half
    /// such a step: so a level
    /// may be one off where the exact value lies within a two-hundredth of a step of a rounding boundary, which one in a thousand random values does.
    /// Without folding none is.
    /// </summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_quantized_tensor_holds_the_levels_that_plain_fake_quantization_gives(string name, int size, string dialectName, BatchNormForm form)
    {
        var export = new Exported(name == "every" ? Float32ExportTests.EveryNode() : ResNet.Build(name, new(3, size, size), 10, width: 8), Dialect.Named(dialectName), new(BatchNorm: form), seed: 3);
        var images = TestNetwork.Normal(Batch * export.Graph.InputShape.Count, seed: 21);
        var (levels, tappedScores) = export.RunWithLevels(images);

        long compared = 0, oneStep = 0;
        var farthest = 0.0;
        var reference = new ReferenceForward(export.Graph, export.Weights)
        {
            Ranges = export.Ranges,
            Quantize = (tensor, values) =>
            {
                if (!levels.TryGetValue(tensor, out var runtime))
                    return values;

                var quantizer = export.Placement.Activations.Single(place => place.Tensor == tensor);
                var scale = export.Ranges.Activations[tensor] / quantizer.MaxLevel;
                for (var i = 0; i < values.Length; i++)
                {
                    var level = Math.Clamp(Math.Round(values[i] / scale, MidpointRounding.ToEven), quantizer.MinLevel, quantizer.MaxLevel);
                    Assert.InRange(Math.Abs(level - runtime[i]), 0, 1);
                    compared++;
                    oneStep += level == runtime[i] ? 0 : 1;
                    if (level != runtime[i])
                        farthest = Math.Max(farthest, 0.5 - Math.Abs(values[i] / scale - level));
                }

                return Array.ConvertAll(runtime, level => level * (double)scale);
            },
        };
        var expected = reference.Run(images, Batch)[export.Graph.OutputName];

        Assert.Equal(export.Placement.Activations.Length, levels.Count);
        Assert.True(oneStep <= (form == BatchNormForm.Keep ? 0 : compared / 1000), $"{oneStep} of {compared} levels are one step off.");
        Assert.InRange(farthest, 0, 0.005);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name} {dialectName} {form}: {oneStep} of {compared} levels one step off, the farthest {farthest:g2} of a step from its boundary");
        var range = expected.Max(Math.Abs);
        Assert.All(expected.Zip(tappedScores), pair => Assert.InRange(pair.Second, pair.First - 1e-4 * range, pair.First + 1e-4 * range));

        using var session = OnnxRuntimeSession.Load(export.File);
        Assert.Equal(tappedScores, session.Run(images, Batch));
    }

    [Theory]
    [InlineData("resnet8", 8)]
    [InlineData("resnet20", 8)]
    [InlineData("resnet18", 32)]
    [InlineData("resnet50", 32)]
    public void In_the_ort_dialect_the_runtime_leaves_no_layer_in_float(string name, int size)
    {
        var export = new Exported(ResNet.Build(name, new(3, size, size), 10, width: 8), Dialect.Ort, new(), seed: 1);
        var operators = OptimizedOperators(export.File);
        Assert.Equal(export.Graph.Nodes.OfType<Conv>().Count(), operators.Count(type => type == "QLinearConv"));
        Assert.Equal(export.Graph.Nodes.OfType<Add>().Count(), operators.Count(type => type == "QLinearAdd"));
        Assert.Equal(1, operators.Count(type => type == "QLinearGlobalAveragePool"));
        Assert.Equal(1, operators.Count(type => type == "QGemm"));
        Assert.Equal(1, operators.Count(type => type == "QuantizeLinear"));          // of the images
        Assert.DoesNotContain(operators, type => type is "Conv" or "FusedConv" or "Gemm" or "Add" or "Relu" or "DequantizeLinear");
    }

    [Fact]
    public void Float_biases_stay_float_where_the_runtime_is_told_to_compute_what_the_file_says()
    {
        var export = new Exported(ResNet.Build("resnet8", new(1, 8, 8), 10), Dialect.TensorRt, new(), seed: 4);
        var images = TestNetwork.Normal(64 * 64, seed: 22);
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var plain = new InferenceSession(export.File, options);
        using var input = OrtValue.CreateTensorValueFromMemory(images, [64, 1, 8, 8]);
        using var runOptions = new RunOptions();
        using var scores = plain.Run(runOptions, ["input"], [input], [export.Graph.OutputName]);
        var expected = scores[0].GetTensorDataAsSpan<float>().ToArray();
        int Different(bool integerOperators)
        {
            using var session = OnnxRuntimeSession.Load(export.File, integerOperators: integerOperators);
            return expected.Zip(session.Run(images, 64)).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-4);
        }

        Assert.Equal(0, Different(integerOperators: false));
        Assert.True(Different(integerOperators: true) > 100, "The runtime no longer rounds float biases; the option is not needed.");
        Assert.DoesNotContain(OptimizedOperators(export.File, integerOperators: false), type => type.StartsWith("QLinear", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_inputs_give_equal_bytes()
    {
        static byte[] File() => new Exported(ResNet.Build("resnet8", new(1, 8, 8), 10), Dialect.Ort, new(), seed: 6).File;
        Assert.Equal(File(), File());
    }

    [Fact]
    public void Two_of_four_zeros_and_trained_integers_survive_folding()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var folded = new Exported(graph, Dialect.Ort, new(), seed: 7, twoFour: true);
        var kept = new Exported(graph, Dialect.Ort, new(BatchNorm: BatchNormForm.Keep), seed: 7, twoFour: true);
        Assert.All(graph.Nodes.OfType<Conv>(), conv =>
        {
            var gamma = folded.Weights[BatchNormFolding.Foldable(graph)[conv.Name].WeightName].Floats.ToArray();
            var (inFolded, inKept) = (folded.WeightLevels(conv), kept.WeightLevels(conv));
            var perChannel = inKept.Length / conv.OutChannels;
            Assert.Equal(inKept.Select((level, i) => level * Math.Sign(gamma[i / perChannel])), inFolded.Select(level => (int)level));
            Assert.Contains(inKept, level => Math.Abs(level) == 127);
        });
        foreach (var layer in ExportedSparsity.Of(folded.File).Where(layer => layer.Node != "conv1"))
        {
            Assert.True(layer.TwoFour, layer.Node);
            Assert.InRange(layer.Zeros, layer.Weights / 2, layer.Weights / 2 + layer.Weights / 50);   // a few small weights round to zero
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-9f)]
    [InlineData(-1e-30f)]
    public void A_channel_that_normalization_has_silenced_still_gives_its_bias(float gamma)
    {
        var builder = new GraphBuilder("input");
        var x = builder.ConvNormRelu("conv", "bn", "relu", "input", 4, 4, Window.Square(3, 1, 1));
        x = builder.Add(new GlobalAveragePool("pool", x, "pool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        var graph = new LayerGraph("silent", "input", new(4, 4, 4), builder.Add(new Gemm("fc", x, "output", 4, 2)), builder.Nodes);
        var export = new Exported(graph, Dialect.Ort, new(), seed: 8, change: weights =>
        {
            weights["bn.weight"] = HostArray.Of([1f, gamma, 1f, gamma], 4);
            weights["bn.bias"] = HostArray.Of([0.1f, 0.75f, 0.1f, 0f], 4);
        });
        var images = TestNetwork.Normal(Batch * graph.InputShape.Count, seed: 2);

        var levels = export.RunWithLevels(images).Levels["relu_out"];

        var scale = export.Ranges.Activations["relu_out"] / 255;
        for (var i = 0; i < levels.Length; i++)
        {
            if (i / 16 % 4 == 1)
                Assert.Equal((int)MathF.Round(0.75f / scale), levels[i]);
            if (i / 16 % 4 == 3)
                Assert.Equal(0, levels[i]);
        }
    }

    [Fact]
    public void An_all_zero_channel_has_scale_one_and_level_zero()
    {
        var weight = QuantizedWeight.Of([0f, 0f, 1f, -0.5f], [0f, 1f], 2, RoundingRule.Onnx, "conv");
        Assert.Equal([1f, 1f / 127f], weight.Scales);
        Assert.Equal([(sbyte)0, (sbyte)0, (sbyte)127, (sbyte)-64], weight.Levels);   // −63.5 rounds to even
    }

    [Fact]
    public void Weights_beyond_their_range_stop_at_127()
    {
        var weight = QuantizedWeight.Of([2f, -2f, 0.25f], [1f], 1, RoundingRule.Torch, "conv");
        Assert.Equal([(sbyte)127, (sbyte)-127, (sbyte)32], weight.Levels);
    }

    [Fact]
    public void A_factor_moves_into_scale_and_sign_only()
    {
        var weight = QuantizedWeight.Of([1f, -0.25f, 127f, 3f], [127f, 127f], 2, RoundingRule.Onnx, "conv").Times([-2, 0.5], [1, 1], inputScale: 0.5f);
        Assert.Equal([2f, 0.5f], weight.Scales);
        Assert.Equal([(sbyte)-1, (sbyte)0, (sbyte)127, (sbyte)3], weight.Levels);
        var bias = weight.Bias([7, -3], inputScale: 0.5f);
        Assert.Equal([7, -12], bias.Levels);
        Assert.Equal([1f, 0.25f], bias.Scales);
    }

    [Fact]
    public void Zero_points_are_zero_and_a_range_of_zero_gives_scale_one()
    {
        var export = new Exported(ResNet.Build("resnet8", new(1, 8, 8), 10), Dialect.Ort, new(), seed: 1, zeroRange: "relu_out");
        var constants = ExportedSparsity.Parse(export.File).Graph.Initializer.ToDictionary(tensor => tensor.Name);
        Assert.All(constants.Where(pair => pair.Key.EndsWith(".zero_point", StringComparison.Ordinal)), pair => Assert.All(pair.Value.RawData, level => Assert.Equal(0, level)));
        Assert.Equal(1f, BitConverter.ToSingle(constants["relu_out.scale"].RawData.Span));
        Assert.Equal((int)TensorProto.Types.DataType.Uint8, constants["relu_out.zero_point"].DataType);
        Assert.Equal((int)TensorProto.Types.DataType.Int8, constants["input.zero_point"].DataType);
        Assert.Equal(export.Ranges.Activations["input"] / 127f, BitConverter.ToSingle(constants["input.scale"].RawData.Span));
    }

    [Fact]
    public void A_node_without_weight_quantizer_stays_float()
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var export = new Exported(graph, Dialect.Ort, new(), seed: 1, floatNode: "fc");
        var node = ExportedSparsity.Parse(export.File).Graph.Node.Single(node => node.Name == "fc");
        Assert.Equal(["flatten_out.dequantized", "fc.weight", "fc.bias"], node.Input);
        Assert.Contains(ExportedSparsity.Parse(export.File).Graph.Initializer, tensor => tensor.Name == "fc.weight");
    }

    [Theory]
    [InlineData("conv1.weight", float.NaN, "'conv1', channel 0, is not a number")]
    [InlineData("bn1.running_var", -1f, "'conv1', channel 0")]
    [InlineData("fc.bias", float.PositiveInfinity, "'fc', channel 0")]
    public void A_diverged_network_is_refused(string weight, float value, string words)
    {
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var export = new Exported(graph, Dialect.Ort, new(), seed: 1);
        var values = export.Weights[weight].Floats.ToArray();
        values[0] = value;
        export.Weights[weight] = HostArray.Of(values, export.Weights[weight].Shape.AsSpan());
        var error = Assert.Throws<InvalidDataException>(
            () => OnnxExporter.ExportQuantized(graph, export.Weights, export.Placement, export.Ranges, Dialect.Ort, new()));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_impossible_range_is_named()
    {
        var export = new Exported(ResNet.Build("resnet8", new(1, 8, 8), 10), Dialect.Ort, new(), seed: 1);
        void Fails(QuantizationRanges ranges, string words) => Assert.Contains(
            words,
            Assert.Throws<InvalidDataException>(() => OnnxExporter.ExportQuantized(export.Graph, export.Weights, export.Placement, ranges, Dialect.Ort, new())).Message,
            StringComparison.Ordinal);
        var ranges = export.Ranges;
        Fails(ranges with { Activations = ranges.Activations.Remove("relu_out") }, "'relu_out'");
        Fails(ranges with { Activations = ranges.Activations.SetItem("relu_out", float.NaN) }, "NaN");
        Fails(ranges with { Weights = ranges.Weights.Remove("layer1.0.conv1") }, "'layer1.0.conv1'");
        Fails(ranges with { Weights = ranges.Weights.SetItem("layer1.0.conv1", [1f, 2f]) }, "2 weight ranges");
    }

    private static List<string> OptimizedOperators(byte[] file, bool integerOperators = true)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxRuntimeSession.Load(file, integerOperators: integerOperators, optimizedModelPath: path).Dispose();
            return [.. ExportedSparsity.Parse(File.ReadAllBytes(path)).Graph.Node.Select(node => node.OpType)];
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A network with all that made its quantized file.</summary>
    private sealed class Exported
    {
        public Exported(
            LayerGraph graph, Dialect dialect, ExportOptions options, int seed, bool twoFour = false, string? zeroRange = null, string? floatNode = null,
            Action<Dictionary<string, HostArray>>? change = null)
        {
            Graph = graph;
            Weights = TestNetwork.Weights(graph, seed, twoFour);
            change?.Invoke(Weights);
            Placement = QuantizerPlacement.Of(graph, dialect);
            Placement = Placement with { Weights = [.. Placement.Weights.Where(node => node != floatNode)] };
            Ranges = TestNetwork.Ranges(graph, Weights, Placement, TestNetwork.Normal(Batch * graph.InputShape.Count, seed: 20), Batch);
            if (zeroRange is not null)
                Ranges = Ranges with { Activations = Ranges.Activations.SetItem(zeroRange, 0) };
            File = OnnxExporter.ExportQuantized(graph, Weights, Placement, Ranges, dialect, options);
        }

        public LayerGraph Graph { get; }

        public Dictionary<string, HostArray> Weights { get; }

        public QuantizerPlacement Placement { get; }

        public QuantizationRanges Ranges { get; }

        public byte[] File { get; }

        public sbyte[] WeightLevels(Conv conv) =>
            MemoryMarshal.Cast<byte, sbyte>(ExportedSparsity.Parse(File).Graph.Initializer.Single(tensor => tensor.Name == $"{conv.WeightName}.quantized").RawData.Span).ToArray();

        /// <summary>Runs the file with every quantized tensor as a further output.</summary>
        public (Dictionary<string, int[]> Levels, float[] Scores) RunWithLevels(float[] images)
        {
            var model = ExportedSparsity.Parse(File);
            foreach (var quantizer in Placement.Activations)
            {
                var type = quantizer.Signed ? TensorProto.Types.DataType.Int8 : TensorProto.Types.DataType.Uint8;
                model.Graph.Output.Add(new ValueInfoProto
                {
                    Name = $"{quantizer.Tensor}.quantized",
                    Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } },
                });
            }

            using var options = new SessionOptions { IntraOpNumThreads = 1 };
            using var session = new InferenceSession(model.ToByteArray(), options);
            using var runOptions = new RunOptions();
            var shape = Graph.InputShape;
            using var input = OrtValue.CreateTensorValueFromMemory(images, [Batch, shape.Channels, shape.Height, shape.Width]);
            string[] names = [Graph.OutputName, .. Placement.Activations.Select(quantizer => $"{quantizer.Tensor}.quantized")];
            using var values = session.Run(runOptions, [Graph.InputName], [input], names);
            var levels = Placement.Activations.Select((quantizer, i) => (quantizer.Tensor, Levels: quantizer.Signed
                ? Array.ConvertAll(values[i + 1].GetTensorDataAsSpan<sbyte>().ToArray(), level => (int)level)
                : Array.ConvertAll(values[i + 1].GetTensorDataAsSpan<byte>().ToArray(), level => (int)level)));
            return (levels.ToDictionary(pair => pair.Tensor, pair => pair.Levels), values[0].GetTensorDataAsSpan<float>().ToArray());
        }
    }
}
