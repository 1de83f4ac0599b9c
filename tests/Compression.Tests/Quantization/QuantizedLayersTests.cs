using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class QuantizedLayersTests
{
    private static readonly LayerGraph Network = ResNet.Build("resnet8", new ImageShape(1, 8, 8), 10);

    [Fact]
    public void Each_layer_is_told_the_rule_that_decided()
    {
        var layers = new QuantizedLayers(LayerPatterns.Parse(["layer?.*", "fc", "conv1"]), LayerPatterns.Parse(["layer2.*", "*.conv2"]), Residual: false, FloatEnds.First);
        Assert.Equal(
            [
                "conv1 float: the first layer stays in float", "layer1.0.conv1 int8: included by 'layer?.*'", "layer1.0.conv2 float: excluded by '*.conv2'",
                "layer1.0.add float: residual adds stay in float", "layer2.0.conv1 float: excluded by 'layer2.*'", "layer2.0.conv2 float: excluded by 'layer2.*'",
                "layer2.0.downsample.0 float: excluded by 'layer2.*'", "layer2.0.add float: excluded by 'layer2.*'", "layer3.0.conv1 int8: included by 'layer?.*'",
                "layer3.0.conv2 float: excluded by '*.conv2'", "layer3.0.downsample.0 int8: included by 'layer?.*'", "layer3.0.add float: residual adds stay in float",
                "avgpool float: not named by include", "fc int8: included by 'fc'",
            ],
            layers.Of(Network).Select(layer => $"{layer.Layer} {(layer.Quantized ? "int8" : "float")}: {layer.Why}"));
    }

    [Fact]
    public void Both_ends_are_the_first_and_the_last_layer_with_weights()
    {
        Assert.Equal(["conv1", "fc"], new QuantizedLayers(Ends: FloatEnds.Both).Of(Network).Where(layer => !layer.Quantized).Select(layer => layer.Layer));
        Assert.Equal(["fc"], new QuantizedLayers(Ends: FloatEnds.Last).Of(Network).Where(layer => !layer.Quantized).Select(layer => layer.Layer));
    }

    [Theory]
    [InlineData("layer1.0.cnov1", "No layer is named 'layer1.0.cnov1'; did you mean 'layer1.0.conv1'?")]
    [InlineData("relu", "No layer is named 'relu'; the layers are conv1, layer1.0.conv1, ")]
    [InlineData("*", "No layer with weights of resnet8 is left to quantize: excluded by '*' and so on.")]
    public void A_choice_that_cannot_be_met_is_refused(string exclude, string words) =>
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => new QuantizedLayers(Exclude: LayerPatterns.Parse([exclude])).Of(Network)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_tensor_that_a_float_layer_shares_has_its_quantizer_and_the_layer_reads_around_it()
    {
        var placement = Of(Dialect.TensorRt, "layer2.0.downsample.0");
        Assert.Contains(placement.Activations, quantizer => quantizer.Tensor == "layer1.0.relu2_out");
        Assert.Equal(["layer2.0.downsample.0"], placement.FloatReaders);
        Assert.DoesNotContain("layer2.0.downsample.0", placement.Weights);
    }

    [Fact]
    public void Without_residual_quantizers_an_add_reads_floats_and_its_own_operands_have_no_quantizer()
    {
        var placement = QuantizerPlacement.Of(Network, Dialect.Ort, new(Residual: false));
        Assert.DoesNotContain(placement.Activations, quantizer => quantizer.Tensor is "layer2.0.bn2_out" or "layer2.0.downsample.1_out");
        Assert.Contains("layer1.0.add", placement.FloatReaders);          // its identity is also the first convolution's input
        Assert.Equal(Network.WeightedNodes.Count(), placement.Weights.Length);
    }

    [Fact]
    public void A_quantizer_moves_before_a_max_pool_only_where_nothing_behind_it_reads_floats()
    {
        var network = ResNet.Build("resnet18", new ImageShape(3, 32, 32), 10, width: 8);
        string[] Of(params string[] exclude) =>
            [.. QuantizerPlacement.Of(network, Dialect.Ort, new(Exclude: exclude.Length > 0 ? LayerPatterns.Parse(exclude) : null)).Activations.Select(quantizer => quantizer.Tensor).Skip(1).Take(1)];

        Assert.Equal(["relu_out"], Of());
        Assert.Equal(["maxpool_out"], Of("layer1.0.conv1"));                // the add behind the pool still reads it quantized
        Assert.Equal(["layer1.0.relu1_out"], Of("layer1.0.conv1", "layer1.0.add"));
    }

    [Fact]
    public void A_pool_whose_readers_are_float_does_not_write_integers()
    {
        Assert.Contains(Of(Dialect.Ort).Activations, quantizer => quantizer.Tensor == "avgpool_out");
        Assert.DoesNotContain(Of(Dialect.Ort, "fc").Activations, quantizer => quantizer.Tensor == "avgpool_out");
    }

    [Fact]
    public void Every_layer_gives_the_places_that_were_there_before_layers_could_be_chosen()
    {
        foreach (var dialect in Dialect.All)
        {
            var (all, named) = (QuantizerPlacement.Of(Network, dialect), QuantizerPlacement.Of(Network, dialect, new(LayerPatterns.Parse(["*"]))));
            Assert.Equal(all.Activations, named.Activations);
            Assert.Equal(all.Weights, named.Weights);
            Assert.Empty(named.FloatReaders);
        }
    }

    [Fact]
    public void Ranges_survive_a_state_dictionary_with_the_names_of_the_reference()
    {
        var placement = Of(Dialect.TensorRt, "avgpool", "layer3.*");
        var ranges = new QuantizationRanges(
            placement.Activations.Select((quantizer, i) => (quantizer.Tensor, i)).ToImmutableSortedDictionary(each => each.Tensor, each => each.i + 0.5f, StringComparer.Ordinal),
            placement.Weights.Select((name, i) => (name, i)).ToImmutableSortedDictionary(each => each.name, each => Weights(each.name, each.i), StringComparer.Ordinal));

        var state = QuantizerState.Write(Network, placement, ranges);
        Assert.Contains("layer1.0.residual_quantizer._amax", state.Keys);
        Assert.Equal([16, 1, 1, 1], state["layer1.0.conv1._weight_quantizer._amax"].Shape.ToArray());
        var again = QuantizerState.Read(Network, placement, state);
        Assert.Equal(ranges.Activations, again.Activations);
        Assert.Equal(ranges.Weights.Select(pair => (pair.Key, string.Join(' ', pair.Value))), again.Weights.Select(pair => (pair.Key, string.Join(' ', pair.Value))));

        var changed = state.ToDictionary();
        changed["layer1.0.residual_quantizer._amax"] = HostArray.Of([9f]);
        Assert.Contains("another quantizer of the same tensor has", Assert.Throws<InvalidDataException>(() => QuantizerState.Read(Network, placement, changed)).Message, StringComparison.Ordinal);
        changed.Remove("conv1._input_quantizer._amax");
        Assert.Contains("'conv1._input_quantizer._amax' is missing", Assert.Throws<InvalidDataException>(() => QuantizerState.Read(Network, placement, changed)).Message, StringComparison.Ordinal);
    }

    private static ImmutableArray<float> Weights(string name, int first) =>
        [.. Enumerable.Range(first, (int)Network.Nodes.Single(node => node.Name == name).Parameters.First().Shape[0]).Select(value => value + 1f)];

    private static QuantizerPlacement Of(Dialect dialect, params string[] exclude) =>
        QuantizerPlacement.Of(Network, dialect, new(Exclude: exclude.Length > 0 ? LayerPatterns.Parse(exclude) : null));
}
