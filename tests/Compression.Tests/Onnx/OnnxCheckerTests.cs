using System.Diagnostics;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Every form of export is given to onnx.checker with full shape inference, as Debian's package python3-onnx has it.</summary>
public sealed class OnnxCheckerTests
{
    private const string Python = "/usr/bin/python3";

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
        Assert.SkipUnless(Has("import onnx"), $"{Python} cannot import onnx; install Debian's python3-onnx to run this test.");
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

            var (exit, output, error) = Run([Script, .. Directory.GetFiles(folder.FullName).Order()]);
            Assert.True(exit == 0, error);
            Assert.InRange(int.Parse(output), readable, files);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Refuses_a_file_with_a_wrong_attribute_so_the_check_can_fail()
    {
        Assert.SkipUnless(Has("import onnx"), $"{Python} cannot import onnx; install Debian's python3-onnx to run this test.");
        var graph = ResNet.Build("resnet8", new(1, 8, 8), 10);
        var model = ExportedSparsity.Parse(OnnxExporter.Export(graph, TestNetwork.Weights(graph, seed: 1), new()));
        model.Graph.Node[0].Attribute[0].Name = "kernel_size";
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
            Assert.Contains("kernel_size", Run([Script, path]).Error, StringComparison.Ordinal);
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

    private static bool Has(string import) => File.Exists(Python) && Run([import]).Exit == 0;

    private static (int Exit, string Output, string Error) Run(IEnumerable<string> arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = python.StandardError.ReadToEndAsync();
        var output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return (python.ExitCode, output, error.Result);
    }
}
