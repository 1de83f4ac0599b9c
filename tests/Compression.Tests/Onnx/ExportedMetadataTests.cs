using System.Collections.Immutable;
using Google.Protobuf;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>What a user's file is called and says of itself stands in the file that is made of it.</summary>
public sealed class ExportedMetadataTests
{
    [Fact]
    public void Names_descriptions_and_properties_of_an_imported_file_are_in_the_exported_one()
    {
        var exported = Exported(Model());
        Assert.Equal("flowers", exported.Graph.Name);
        Assert.Equal("Five layers.", exported.Graph.DocString);
        Assert.Equal("Tells flowers apart.", exported.DocString);
        Assert.Equal("org.example", exported.Domain);
        Assert.Equal(3, exported.ModelVersion);
        Assert.Equal("SparseGrid", exported.ProducerName);
        Assert.Equal(
            [("licence", "MIT"), ("labels", "rose,tulip"), ("sparsegrid.source.producer", "pytorch 2.10.0")],
            exported.MetadataProps.Select(property => (property.Key, property.Value)));
        Assert.Equal(("photo", "scores"), (Assert.Single(exported.Graph.Input).Name, Assert.Single(exported.Graph.Output).Name));
        Assert.Equal("batch_size", exported.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
        Assert.Equal("batch_size", exported.Graph.Output[0].Type.TensorType.Shape.Dim[0].DimParam);
        Assert.Equal(["conv", "relu", "pool", "flat"], exported.Graph.Node.Select(node => node.Name));
    }

    [Fact]
    public void A_quantized_file_says_the_same_and_its_dialect()
    {
        var network = OnnxImport.Read(Model().ToByteArray(), "flowers.onnx");
        var exported = ExportedSparsity.Parse(Quantized(network, new()));
        Assert.Equal("Tells flowers apart.", exported.DocString);
        Assert.Equal(["licence", "labels", "sparsegrid.source.producer", "sparsegrid.dialect"], exported.MetadataProps.Select(property => property.Key));
        Assert.Equal(("photo", "scores"), (exported.Graph.Input[0].Name, exported.Graph.Output[0].Name));
    }

    [Fact]
    public void A_file_that_goes_through_twice_says_what_it_said_after_the_first_time()
    {
        var once = Exported(Model());
        Assert.Equal(once.ToByteArray(), Exported(once).ToByteArray());
    }

    [Fact]
    public void A_network_that_was_kept_as_a_file_of_layers_says_what_it_said_before()
    {
        var network = OnnxImport.Read(Model().ToByteArray(), "flowers.onnx");
        var kept = GraphFile.Read(GraphFile.Write(network.Graph), "kept");
        Assert.Equal(OnnxExporter.Export(network.Graph, network.Weights, new()), OnnxExporter.Export(kept, network.Weights, new()));
        Assert.DoesNotContain("metadata", System.Text.Encoding.UTF8.GetString(GraphFile.Write(network.Graph with { Metadata = null })));
    }

    [Fact]
    public void Equal_inputs_give_equal_bytes()
    {
        Assert.Equal(Exported(Model()).ToByteArray(), Exported(Model()).ToByteArray());
    }

    [Fact]
    public void An_identity_at_the_end_keeps_its_name_as_the_output()
    {
        var model = Model();
        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Name = "last", Input = { "scores" }, Output = { "probabilities" } });
        model.Graph.Output[0].Name = "probabilities";
        var exported = Exported(model);
        Assert.Equal("probabilities", Assert.Single(exported.Graph.Output).Name);
        Assert.Equal("probabilities", exported.Graph.Node[^1].Output[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_batch_that_is_fixed_afterwards_gives_the_file_that_is_exported_with_it(bool quantized)
    {
        var network = OnnxImport.Read(Model().ToByteArray(), "flowers.onnx");
        byte[] Export(int? batch) => quantized
            ? Quantized(network, new(Batch: batch))
            : OnnxExporter.Export(network.Graph, network.Weights, new(Batch: batch));
        var open = Export(null);
        Assert.Equal(Export(4), ExportedBatch.Fix(open, 4));
        Assert.NotEqual(open, Export(4));
        Assert.Equal(Export(4), ExportedBatch.Fix(Export(4), 4));
        Assert.Contains("takes 4 images a call, not 2", Assert.Throws<InvalidDataException>(() => ExportedBatch.Fix(Export(4), 2)).Message);
        Assert.Contains("batch is 0", Assert.Throws<ArgumentException>(() => ExportedBatch.Fix(open, 0)).Message);
    }

    private static ModelProto Exported(ModelProto model)
    {
        var network = OnnxImport.Read(model.ToByteArray(), "flowers.onnx");
        return ExportedSparsity.Parse(OnnxExporter.Export(network.Graph, network.Weights, new()));
    }

    private static byte[] Quantized(ImportedNetwork network, ExportOptions options)
    {
        var placement = QuantizerPlacement.Of(network.Graph, Dialect.Ort);
        var ranges = new QuantizationRanges(
            placement.Activations.ToImmutableSortedDictionary(place => place.Tensor, _ => 2f),
            placement.Weights.ToImmutableSortedDictionary(name => name, name => WeightCalibrator.ChannelAmax(network.Weights[$"{name}.weight"])));
        return OnnxExporter.ExportQuantized(network.Graph, network.Weights, placement, ranges, Dialect.Ort, options);
    }

    // As another program would have written it.
    private static ModelProto Model()
    {
        var builder = new GraphBuilder("photo");
        builder.Add(new Conv("conv", "photo", "c", 3, 4, Window.Square(3, 1, 1)));
        builder.Add(new Relu("relu", "c", "r"));
        builder.Add(new GlobalAveragePool("pool", "r", "p"));
        builder.Add(new Flatten("flat", "p", "scores"));
        var graph = new LayerGraph("flowers", "photo", new(3, 8, 8), "scores", builder.Nodes);
        var model = ExportedSparsity.Parse(OnnxExporter.Export(graph, TestNetwork.Weights(graph, 1), new()));
        (model.ProducerName, model.ProducerVersion, model.Domain, model.ModelVersion, model.DocString) = ("pytorch", "2.10.0", "org.example", 3, "Tells flowers apart.");
        model.Graph.DocString = "Five layers.";
        model.MetadataProps.Add(new StringStringEntryProto { Key = "licence", Value = "MIT" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "labels", Value = "rose,tulip" });
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam = "batch_size";
        model.Graph.Output[0].Type.TensorType.Shape.Dim[0].DimParam = "batch_size";
        return model;
    }
}
