using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Random networks with random choices of layers: the trainer and the file compute the same, and what is chosen to be float is float in both.</summary>
public sealed class LayerChoiceTests
{
    private const int Batch = 2;

    public static TheoryData<string, BatchNormForm> Forms => new()
    {
        { "ort", BatchNormForm.Fold }, { "ort", BatchNormForm.Keep }, { "tensorrt", BatchNormForm.Fold }, { "tensorrt", BatchNormForm.Keep },
    };

    /// <summary>
    /// Both are checked against plain loops in double, node by node: each node starts from what the checked run had, so no value can lie on another side of a rounding
    /// boundary.
    /// </summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void Trainer_and_file_compute_the_same_whichever_layers_are_quantized(string dialectName, BatchNormForm form)
    {
        var largest = 0.0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var each = new Case(seed, Dialect.Named(dialectName), form);
            var (trained, scores) = each.Train();
            var (deployed, fileScores) = each.Deploy();
            largest = new[] { largest, each.Check(trained, scores, "trainer"), each.Check(deployed, fileScores, "file") }.Max();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Cases} networks, {dialectName}, {form}: the largest difference is {largest:g2} of a tensor's range");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_layer_in_float_keeps_float_weights_in_the_file_and_reads_no_quantized_tensor(string dialectName, BatchNormForm form)
    {
        var (floats, quantized) = (0, 0);
        for (var seed = 0; seed < Cases; seed++)
        {
            var each = new Case(seed, Dialect.Named(dialectName), form);
            var file = ExportedSparsity.Parse(each.File).Graph;
            var constants = file.Initializer.Select(tensor => tensor.Name).ToHashSet();
            var producers = file.Node.ToDictionary(node => node.Output[0]);
            foreach (var layer in each.Layers.Of(each.Graph))
            {
                var node = file.Node.Single(node => node.Name == layer.Layer);
                var reads = each.Graph.Nodes.Single(node => node.Name == layer.Layer) is Add ? node.Input.Skip(1).Take(1) : node.Input.Take(1);
                Assert.All(reads, tensor => Assert.Equal(layer.Quantized, IsQuantized(tensor)));
                if (!layer.Quantized)
                    Assert.All(node.Input.Take(each.Graph.Nodes.Single(node => node.Name == layer.Layer).Inputs.Length), tensor => Assert.False(IsQuantized(tensor)));
                if (node.OpType is "Conv" or "Gemm")
                    Assert.Equal(layer.Quantized, constants.Contains($"{layer.Layer}.weight.quantized"));
                floats += layer.Quantized ? 0 : 1;
                quantized += layer.Quantized ? 1 : 0;
            }

            // Through what only picks or rearranges values.
            bool IsQuantized(string tensor) => producers.TryGetValue(tensor, out var producer)
                && (producer.OpType == "DequantizeLinear" || (producer.OpType is "Flatten" or "MaxPool" && IsQuantized(producer.Input[0])));
        }

        Assert.True(floats > Cases / 2 && quantized > Cases, $"{floats} layers in float, {quantized} quantized");
    }

    [Theory]
    [InlineData("ort")]
    [InlineData("tensorrt")]
    public void Ranges_of_all_choices_are_among_the_tensors_of_one_calibration_pass(string dialectName)
    {
        var dialect = Dialect.Named(dialectName);
        for (var seed = 0; seed < Cases; seed++)
        {
            var graph = RandomGraph.Of(seed);
            var candidates = QuantizerPlacement.Candidates(graph, dialect);
            Assert.All(QuantizerPlacement.Of(graph, dialect).Activations, quantizer => Assert.Contains(quantizer.Tensor, candidates));
            Assert.All(QuantizerPlacement.Of(graph, dialect, RandomGraph.Layers(graph, seed)).Activations, quantizer => Assert.Contains(quantizer.Tensor, candidates));
        }
    }

    private static int Cases => Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 1000 : 40;

    /// <summary>A random network with random weights, images and layers.</summary>
    private sealed class Case
    {
        private readonly Dialect dialect;
        private readonly float[] images;
        private readonly QuantizerPlacement placement;
        private readonly QuantizationRanges ranges;
        private readonly IReadOnlyDictionary<string, HostArray> weights;

        public Case(int seed, Dialect dialect, BatchNormForm form)
        {
            this.dialect = dialect;
            Graph = RandomGraph.Of(seed);
            Layers = RandomGraph.Layers(Graph, seed);
            placement = QuantizerPlacement.Of(Graph, dialect, Layers);
            var trained = TestNetwork.Weights(Graph, seed);
            images = TestNetwork.Normal(Batch * Graph.InputShape.Count, seed + 1);
            ranges = TestNetwork.Ranges(Graph, trained, placement, images, Batch);
            var options = new ExportOptions(BatchNorm: form);
            File = OnnxExporter.ExportQuantized(Graph, trained, placement, ranges, dialect, options);
            weights = IntegerBiases.Round(Graph, trained, placement, ranges, dialect, options);
        }

        public LayerGraph Graph { get; }

        public QuantizedLayers Layers { get; }

        public byte[] File { get; }

        /// <summary>Every tensor before it is quantized, by the trainer's network.</summary>
        public (Dictionary<string, float[]> Tensors, float[] Scores) Train()
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            using var network = new GraphNetwork(Graph, weights, ComputeDevice.Cpu);
            network.Quantize(placement, ranges, RoundingRule.Onnx);
            var x = tensor(images, [Batch, Graph.InputShape.Channels, Graph.InputShape.Height, Graph.InputShape.Width]);
            var tensors = new Dictionary<string, float[]>();
            var observed = network.Forward(x, training: false, (name, value) => tensors[name] = value.contiguous().data<float>().ToArray());
            var scores = network.Forward(x, training: false).contiguous().data<float>().ToArray();

            // Nobody looks while it trains, and then ReLU and quantizer are one pass: of the same values.
            Assert.Equal(observed.contiguous().data<float>().ToArray(), scores);
            return (tensors, scores);
        }

        /// <summary>Every tensor before it is quantized, by the runtime, operator by operator.</summary>
        public (Dictionary<string, float[]> Tensors, float[] Scores) Deploy()
        {
            var model = ExportedSparsity.Parse(File);
            var written = model.Graph.Node.SelectMany(node => node.Output).ToHashSet();
            string[] names = [.. Graph.Nodes.Select(node => node.Output).Where(written.Contains)];
            foreach (var name in names.Where(name => name != Graph.OutputName))
            {
                model.Graph.Output.Add(new ValueInfoProto
                {
                    Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
                });
            }

            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, IntraOpNumThreads = 1 };
            using var session = new InferenceSession(model.ToByteArray(), options);
            using var runOptions = new RunOptions();
            using var input = OrtValue.CreateTensorValueFromMemory(images, [Batch, Graph.InputShape.Channels, Graph.InputShape.Height, Graph.InputShape.Width]);
            using var values = session.Run(runOptions, [Graph.InputName], [input], names);
            var tensors = names.Select((name, i) => (name, Values: values[i].GetTensorDataAsSpan<float>().ToArray())).ToDictionary(pair => pair.name, pair => pair.Values);
            return (tensors, tensors[Graph.OutputName]);
        }

        /// <summary>The largest difference of a node's output from what plain loops make of the same inputs, in shares of the tensor's range.</summary>
        public double Check(Dictionary<string, float[]> tensors, float[] scores, string what)
        {
            var (largest, compared) = (0.0, 0);
            var quantizers = placement.Activations.ToDictionary(quantizer => quantizer.Tensor);
            var reference = new ReferenceForward(Graph, weights)
            {
                Ranges = ranges,
                FloatReaders = placement.FloatReaders,
                Resume = (name, values) =>
                {
                    if (!tensors.TryGetValue(name, out var actual))
                        return values;
                    var range = Math.Max(1e-3, values.Max(Math.Abs));
                    var error = values.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / range;
                    Assert.True(error < 1e-5, $"{Graph.Name}, {dialect.Name}, {what}: '{name}' differs by {error:g2} of its range");
                    largest = Math.Max(largest, error);
                    compared++;
                    return Array.ConvertAll(actual, value => (double)value);
                },
                Quantize = (name, values) =>
                {
                    if (!quantizers.TryGetValue(name, out var quantizer))
                        return values;
                    var scale = QuantizationScale.Of(ranges.Activations[name], quantizer.MaxLevel);      // 1 where a branch is dead
                    return Array.ConvertAll(values, value => Math.Clamp(MathF.Round((float)value / scale, MidpointRounding.ToEven), quantizer.MinLevel, quantizer.MaxLevel) * (double)scale);
                },
            };
            var expected = reference.Run(images, Batch)[Graph.OutputName];
            Assert.True(compared >= Graph.Nodes.Count(node => node is not (Conv or BatchNorm)), $"{what}: {compared} tensors compared");
            var bound = 1e-4 * Math.Max(1e-3, expected.Max(Math.Abs));
            Assert.All(expected.Zip(scores), pair => Assert.InRange(pair.Second, pair.First - bound, pair.First + bound));
            return largest;
        }
    }
}
