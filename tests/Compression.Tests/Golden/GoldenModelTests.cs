using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Networks that torchvision exported (NAME.onnx) with one batch and PyTorch's output for it (NAME.io.safetensors), of the golden folder's models/.</summary>
public sealed class GoldenModelTests
{
    private const double Tolerance = 1e-4;                     // of the largest score

    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Folder, "*.onnx").Order(StringComparer.Ordinal).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    private static string Folder => Path.Combine(GoldenIndex.Folder, "models");

    [Theory]
    [MemberData(nameof(Models))]
    public void GoldenModel_is_imported_and_gives_PyTorchs_scores_here_and_in_the_runtime(string name)
    {
        var (images, expected) = Recorded(name);
        var network = Open(name);
        Assert.Empty(network.Notes);

        AssertNear(expected, Run(network.Graph, network.Weights, images));
        AssertNear(expected, InRuntime(File.ReadAllBytes(PathOf(name)), images));
        foreach (var form in Enum.GetValues<BatchNormForm>())
            AssertNear(expected, InRuntime(OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: form)), images));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GoldenModel_is_the_same_after_export_and_import(string name)
    {
        var network = Open(name);
        var file = OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: BatchNormForm.Keep));
        var again = OnnxImport.Read(file, name);

        Assert.Equal(network.Graph.Nodes.Select(Described), again.Graph.Nodes.Select(Described));
        Assert.Equal(network.Weights.Keys, again.Weights.Keys);
        Assert.All(network.Weights, weight => Assert.True(weight.Value.Bytes.Span.SequenceEqual(again.Weights[weight.Key].Bytes.Span), weight.Key));
        Assert.Equal(file, OnnxExporter.Export(again.Graph, again.Weights, new(BatchNorm: BatchNormForm.Keep)));
    }

    private static string Described(Node node) => $"{node.GetType().Name} {node.Name}: {string.Join(", ", node.Inputs)} -> {string.Join(", ", node.Outputs)}";

    private static string PathOf(string name) => Path.Combine(Folder, name + ".onnx");

    private static ImportedNetwork Open(string name) => OnnxImport.Open(PathOf(name));

    private static (HostArray Images, float[] Scores) Recorded(string name)
    {
        var file = $"{name}.io.safetensors";
        var arrays = SafeTensors.Read(File.ReadAllBytes(Path.Combine(Folder, file)), file);
        return (arrays["input"], arrays["output"].Floats.ToArray());
    }

    private static float[] Run(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, HostArray images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        return network.Forward(tensor(images.Floats.ToArray(), [.. images.Shape]), training: false).contiguous().data<float>().ToArray();
    }

    private static float[] InRuntime(byte[] file, HostArray images)
    {
        using var session = new InferenceSession(file);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.Floats.ToArray(), [.. images.Shape]);
        using var output = session.Run(options, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        var farthest = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(farthest <= Tolerance * largest, $"{farthest} apart, scores up to {largest}");
    }
}
