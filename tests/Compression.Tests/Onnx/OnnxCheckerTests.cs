using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tests.Golden;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Every form of export is given to onnx.checker with full shape inference, as Debian's package python3-onnx has it.</summary>
public sealed class OnnxCheckerTests
{
    /// <summary>Checks all files named on the command line, those of too new an opset excepted; prints the number checked.</summary>
    private const string Script =
        "import sys, onnx\n" +
        "known = onnx.defs.onnx_opset_version()\n" +
        "done = 0\n" +
        "for path in sys.argv[1:]:\n" +
        "    model = onnx.load(path)\n" +
        "    if model.opset_import[0].version <= known:\n" +
        "        onnx.checker.check_model(model, full_check=True)\n" +
        "        done += 1\n" +
        "print(done)\n";

    [Fact]
    public void Accepts_every_form_of_export()
    {
        Assert.SkipUnless(DebianPython.Has("onnx"), $"{DebianPython.Path} cannot import onnx; install Debian's python3-onnx to run this test.");
        var folder = Directory.CreateTempSubdirectory("sparsegrid-onnx-");
        try
        {
            var (files, readable) = (0, 0);
            foreach (var (name, bytes, opset) in Exports())
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{name}.onnx"), bytes);
                files++;
                readable += opset <= 17 ? 1 : 0;                  // Debian 12 has onnx 1.12, which knows 17
            }

            var (exit, output, error) = DebianPython.Run(["-c", Script, .. Directory.GetFiles(folder.FullName).Order()]);
            Assert.True(exit == 0, error);
            Assert.InRange(int.Parse(output), readable, files);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Accepts_every_form_of_export_of_every_imported_network()
    {
        Assert.SkipUnless(DebianPython.Has("onnx"), $"{DebianPython.Path} cannot import onnx; install Debian's python3-onnx to run this test.");
        var folder = Directory.CreateTempSubdirectory("sparsegrid-onnx-");
        try
        {
            var files = 0;
            foreach (var path in Imported())
            {
                var network = OnnxImport.Open(path);
                var name = Path.GetFileNameWithoutExtension(path);
                foreach (var form in Enum.GetValues<BatchNormForm>())
                {
                    foreach (var options in (ExportOptions[])[new(13, form), new(17, form, Batch: 2)])
                    {
                        File.WriteAllBytes(Path.Combine(folder.FullName, $"{name}-{form}-{options.Opset}.onnx"), OnnxExporter.Export(network.Graph, network.Weights, options));
                        files++;
                        foreach (var dialect in (Dialect[])[Dialect.Ort, Dialect.TensorRt])
                        {
                            var placement = QuantizerPlacement.Of(network.Graph, dialect);
                            var ranges = new QuantizationRanges(
                                placement.Activations.ToImmutableSortedDictionary(place => place.Tensor, _ => 4f, StringComparer.Ordinal),
                                placement.Weights.ToImmutableSortedDictionary(layer => layer, layer => WeightCalibrator.ChannelAmax(network.Weights[$"{layer}.weight"]), StringComparer.Ordinal));
                            File.WriteAllBytes(
                                Path.Combine(folder.FullName, $"{name}-{form}-{options.Opset}-{dialect.Name}.onnx"),
                                OnnxExporter.ExportQuantized(network.Graph, network.Weights, placement, ranges, dialect, options));
                            files++;
                        }
                    }
                }
            }

            var checkedFiles = DebianPython.Run(["-c", Script, .. Directory.GetFiles(folder.FullName).Order(StringComparer.Ordinal)]);
            Assert.True(checkedFiles.Exit == 0, checkedFiles.Errors);
            Assert.Equal(files, int.Parse(checkedFiles.Output));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The recorded models, the fixtures of the newer exporter, and quantized files of pytorch-quantization.
    private static IEnumerable<string> Imported() =>
        Directory.GetFiles(Path.Combine(GoldenIndex.Folder, "models"), "*.onnx")
            .Concat(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Onnx", "newer"), "*.onnx"))
            .Concat(Directory.GetFiles(GoldenIndex.Folder, "quantnet_*.onnx")).Order(StringComparer.Ordinal);

    [Fact]
    public void Refuses_a_file_with_a_wrong_attribute_so_the_check_can_fail()
    {
        Assert.SkipUnless(DebianPython.Has("onnx"), $"{DebianPython.Path} cannot import onnx; install Debian's python3-onnx to run this test.");
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var model = ExportedSparsity.Parse(OnnxExporter.Export(graph, TestNetwork.Weights(graph, seed: 1), new()));
        model.Graph.Node[0].Attribute[0].Name = "kernel_size";
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
            Assert.Contains("kernel_size", DebianPython.Run("-c", Script, path).Errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, int Opset)> Exports()
    {
        LayerGraph[] graphs = [ResNet.Build("resnet8", new(1, 8, 8), 10), ResNet.Build("resnet50", new(3, 32, 32), 10, width: 8), Float32ExportTests.EveryNode()];
        foreach (var graph in graphs)
        {
            var weights = TestNetwork.Weights(graph, seed: 1);
            foreach (var form in Enum.GetValues<BatchNormForm>())
            {
                foreach (var opset in (int[])[13, 15, 17, 21])
                {
                    int? batch = opset == 15 ? 8 : null;
                    var options = new ExportOptions(opset, form, batch);
                    yield return ($"{graph.Name}-fp32-{form}-{opset}", OnnxExporter.Export(graph, weights, options), opset);
                    foreach (var (seed, dialect) in Dialect.All.Index())
                    {
                        var chosen = QuantizerPlacement.Of(graph, dialect, RandomGraph.Layers(graph, seed));
                        var chosenRanges = TestNetwork.Ranges(graph, weights, chosen, TestNetwork.Normal(graph.InputShape.Count, seed: 2), 1);
                        yield return ($"{graph.Name}-{dialect.Name}-layers-{form}-{opset}", OnnxExporter.ExportQuantized(graph, weights, chosen, chosenRanges, dialect, options), opset);
                        var placement = QuantizerPlacement.Of(graph, dialect);
                        var ranges = TestNetwork.Ranges(graph, weights, placement, TestNetwork.Normal(graph.InputShape.Count, seed: 2), 1);
                        yield return ($"{graph.Name}-{dialect.Name}-{form}-{opset}", OnnxExporter.ExportQuantized(graph, weights, placement, ranges, dialect, options), opset);
                    }
                }
            }
        }
    }
}
