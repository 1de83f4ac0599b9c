using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Modules;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>
/// Residual blocks against those of pytorch-quantization's example ResNet: in float, before calibration, calibrated by three methods, and trained. Each runs
/// as a chain of modules and as a layer graph with the quantizers where <see cref="QuantizerPlacement"/> puts them.
/// </summary>
internal sealed class BlockCases(GoldenCase each)
{
    private static readonly (string State, CalibrationMethod Method)[] Methods =
        [("entropy", CalibrationMethod.Entropy), ("mse", CalibrationMethod.Mse), ("percentile", CalibrationMethod.Percentile)];

    private readonly bool bottleneck = each.Function.StartsWith("Bottleneck", StringComparison.Ordinal);
    private readonly int channels = each.Argument("inplanes", 0);
    private readonly int planes = each.Argument("planes", 0);
    private readonly int stride = each.Argument("stride", 1);
    private readonly bool projected = each.Argument("downsample") is not null;
    private double largest;

    public static double Compare(GoldenCase each)
    {
        using var scope = NewDisposeScope();
        var block = new BlockCases(each);
        block.CompareModules();
        block.CompareGraph();
        return block.largest;
    }

    private IEnumerable<HostArray> Batches => Enumerable.Range(0, each.Argument("calibration batches", 0)).Select(batch => each.Input($"calib{batch}")!);

    private void CompareModules()
    {
        foreach (var (state, method) in Methods)
        {
            using var block = Block(method, method == CalibrationMethod.Percentile ? Percentile() : 99.99);
            Assert.Equal(Texts("state_dict_keys_before"), block.state_dict().Keys.Order(StringComparer.Ordinal));
            CompareUncalibrated(block);

            Collect(block);
            foreach (var (name, quantizer) in ModuleCalibration.Quantizers(block))
                CompareHistogram(name, quantizer.Histogram);
            ModuleCalibration.Finish(block);
            Assert.Equal(Texts("state_dict_keys_after_calibration"), block.state_dict().Keys.Order(StringComparer.Ordinal));
            foreach (var (name, quantizer) in ModuleCalibration.Quantizers(block))
            {
                CompareAmax(state, name, ModuleCases.ValuesOf(quantizer.Amax!));
                ModuleCases.SetAmax(quantizer, each.Output($"{state}.amax.{name}"));
            }

            CompareStages(block, state);
            CompareResults(block, state, "x");
            if (state == StateOfTraining())
            {
                block.train();
                CompareStages(block, "train");
                CompareResults(block, "train", "x_train");
                foreach (var (name, buffer) in block.named_buffers().Where(buffer => each.Output($"train.after.{buffer.name}") is not null))
                    Near($"train.after.{name}", buffer);
            }
        }
    }

    private void Collect(ModuleBlock block) => ModuleCalibration.Collect(block, Batches.Select(ModuleCases.TensorOf), Batches.Count());

    // The index does not say which share was kept: the usual one that explains the recorded ranges.
    private double Percentile()
    {
        foreach (var share in (double[])[99.99, 99.9, 99.999, 99])
        {
            using var block = Block(CalibrationMethod.Percentile, share);
            Collect(block);
            ModuleCalibration.Finish(block);
            if (ModuleCalibration.Quantizers(block).All(one => Math.Abs(one.Quantizer.Amax!.max().item<float>() / Recorded(one.Name) - 1) < 1e-5))
                return share;
        }

        throw new InvalidDataException($"{each.Id}: no usual percentile explains the recorded ranges.");
        double Recorded(string name) => each.Output($"percentile.amax.{name}")!.Floats.ToArray().Max();
    }

    private void CompareUncalibrated(ModuleBlock block)
    {
        void Quantizing(bool on)
        {
            foreach (var (_, quantizer) in ModuleCalibration.Quantizers(block))
                quantizer.Quantizing = on;
        }

        Quantizing(false);
        CompareResults(block, "float", "x");
        Quantizing(true);
        CompareResults(block, "before", "x");
    }

    private void CompareResults(ModuleBlock block, string state, string input)
    {
        block.zero_grad();
        var x = ModuleCases.TensorOf(each.Input(input)!).requires_grad_();
        var y = block.call(x);
        y.backward([ModuleCases.TensorOf(each.Input("grad_output")!)]);
        Near($"{state}.y", y);
        Near($"{state}.grad_x", x.grad!);
        foreach (var (name, parameter) in block.named_parameters())
            Near($"{state}.grad.{name}", parameter.grad!);
    }

    // Every quantizer alone, on the input that the reference's had.
    private void CompareStages(ModuleBlock block, string state)
    {
        using var noGrad = no_grad();
        foreach (var (name, quantizer) in ModuleCalibration.Quantizers(block))
        {
            if (each.Output($"{state}.quantizer_input.{name}") is { } input)
                ModuleCases.Exact(each, $"{state}.quantizer_output.{name}", quantizer.call(ModuleCases.TensorOf(input)));
            else if (name.EndsWith("._weight_quantizer", StringComparison.Ordinal))
                ModuleCases.Exact(each, $"{state}.quantizer_output.{name}", quantizer.call(block.get_parameter(name[..^"_weight_quantizer".Length] + "weight")!));
        }
    }

    private void CompareGraph()
    {
        var builder = new GraphBuilder("x");
        var y = bottleneck
            ? ResNet.AddBottleneck(builder, "", "x", channels, planes, stride, projected)
            : ResNet.AddBasicBlock(builder, "", "x", channels, planes, stride, projected);
        var shape = each.Input("x")!.Shape;
        var graph = new LayerGraph("block", "x", new((int)shape[1], (int)shape[2], (int)shape[3]), y, builder.Nodes);
        var placement = QuantizerPlacement.Of(graph, Dialect.TensorRt);
        Assert.Equal(
            each.Value("quantizers_in_order")!.AsArray().Select(name => name!.GetValue<string>()), QuantizerState.Names(graph, placement).Select(quantizer => quantizer.Name));

        var weights = graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => each.Input($"init.{parameter.Name}")!);
        using (var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu))
        {
            CompareResults(network, "float", "x", training: false);
            CompareCalibration(network, placement);
        }

        foreach (var state in Methods.Select(method => method.State).Append("train"))
        {
            using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
            var recorded = state == "train" ? StateOfTraining() : state;
            network.Quantize(placement, RangesOf(graph, placement, recorded), RoundingRule.Pq);
            CompareResults(network, state, state == "train" ? "x_train" : "x", training: state == "train");
            foreach (var parameter in graph.Parameters.Where(parameter => state == "train" && !parameter.Trained))
                Near($"train.after.{parameter.Name}", ModuleCases.TensorOf(network.ToArrays()[parameter.Name]));
        }
    }

    private void CompareResults(GraphNetwork network, string state, string input, bool training)
    {
        var x = ModuleCases.TensorOf(each.Input(input)!).requires_grad_();
        var y = network.Forward(x, training);
        y.backward([ModuleCases.TensorOf(each.Input("grad_output")!)]);
        Near($"{state}.y", y);
        Near($"{state}.grad_x", x.grad!);
        foreach (var (name, parameter) in network.Trained)
            Near($"{state}.grad.{name}", parameter.grad!);
    }

    private void CompareCalibration(GraphNetwork network, QuantizerPlacement placement)
    {
        var histograms = placement.Activations.ToDictionary(quantizer => quantizer.Tensor, _ => new ActivationHistogram());
        using (no_grad())
        {
            foreach (var batch in Batches)
            {
                network.Forward(ModuleCases.TensorOf(batch), training: false, (name, value) =>
                {
                    if (histograms.TryGetValue(name, out var histogram))
                        histogram.Collect(value, name);
                });
            }
        }

        foreach (var quantizer in QuantizerState.Names(network.Graph, placement).Where(quantizer => quantizer.Tensor is not null))
            CompareHistogram(quantizer.Name, histograms[quantizer.Tensor!]);
    }

    // What a convolution computed may differ in its last bits, and lie in the bin beside.
    private void CompareHistogram(string name, ActivationHistogram? histogram)
    {
        if (histogram is null || each.Output($"hist.{name}") is not { } recorded)
            return;
        var (expected, actual) = (recorded.Floats.ToArray(), histogram.Counts.ToArray());
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal((long)expected.Sum(count => (double)count), actual.Sum());
        var moved = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Sum() / 2;
        Assert.True(moved <= actual.Sum() / 1000.0, $"{each.Id}: {moved} of {actual.Sum()} values of {name} are in other bins");
        var width = each.Output($"edges.{name}")!.Floats[1];
        Assert.InRange(histogram.Width, width * (1 - 1e-5f), width * (1 + 1e-5f));
    }

    private void CompareAmax(string state, string name, float[] amax)
    {
        var expected = each.Output($"{state}.amax.{name}")!.Floats.ToArray();
        Assert.Equal(expected.Length, amax.Length);
        for (var k = 0; k < amax.Length; k++)
        {
            var error = Math.Abs(amax[k] / (double)expected[k] - 1);
            Assert.True(error <= 1e-5, $"{each.Id}: {state} amax of {name} is {amax[k]:G9}, recorded {expected[k]:G9}");
            largest = Math.Max(largest, error);
        }
    }

    // The index does not say whose ranges the training had: those of which every recorded quantizer output is a multiple.
    private string StateOfTraining() => Methods.Select(method => method.State).First(state => (each.Outputs)
        .Where(role => role.StartsWith("train.quantizer_output.", StringComparison.Ordinal))
        .All(role =>
        {
            var amax = each.Output($"{state}.amax.{role["train.quantizer_output.".Length..]}")!.Floats[0];
            return each.Output(role)!.Floats.ToArray().All(value => value * (127 / (double)amax) is var level && Math.Abs(level - Math.Round(level)) < 1e-3);
        }));

    private QuantizationRanges RangesOf(LayerGraph graph, QuantizerPlacement placement, string state) => QuantizerState.Read(
        graph, placement, QuantizerState.Names(graph, placement).ToDictionary(quantizer => $"{quantizer.Name}._amax", quantizer => each.Output($"{state}.amax.{quantizer.Name}")!));

    private ModuleBlock Block(CalibrationMethod method, double percentile)
    {
        var block = new ModuleBlock(bottleneck, channels, planes, stride, projected, new() { Calibration = method, Percentile = percentile });
        using var noGrad = no_grad();
        foreach (var (name, value) in block.state_dict())
        {
            if (each.Input($"init.{name}") is { } first)
                value.copy_(ModuleCases.TensorOf(first));
        }

        block.eval();
        return block;
    }

    private IEnumerable<string> Texts(string value) => each.Value(value)!.AsArray().Select(text => text!.GetValue<string>()).Order(StringComparer.Ordinal);

    private void Near(string role, Tensor actual)
    {
        if (each.Output(role) is { } expected)
            largest = Math.Max(largest, ModuleCases.Near(expected, actual, $"{each.Id}: {role}", 1e-4));
    }
}
