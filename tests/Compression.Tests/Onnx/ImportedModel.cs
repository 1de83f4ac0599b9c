using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>What must hold of every imported network.</summary>
internal static class ImportedModel
{
    private const double Tolerance = 1e-4;                     // of the largest score

    /// <summary>The graph here, the file in the runtime, and both of our exports in the runtime give the scores.</summary>
    public static void AssertScores(ImportedNetwork network, byte[] file, HostArray images, float[] expected)
    {
        AssertNear(expected, Run(network.Graph, network.Weights, images));
        AssertNear(expected, InRuntime(file, images));
        foreach (var form in Enum.GetValues<BatchNormForm>())
            AssertNear(expected, InRuntime(OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: form)), images));
    }

    /// <summary>Export, import, export: the same layers, weights and bytes.</summary>
    public static void AssertSameAfterExport(ImportedNetwork network)
    {
        var file = OnnxExporter.Export(network.Graph, network.Weights, new(BatchNorm: BatchNormForm.Keep));
        var again = OnnxImport.Read(file, "exported");

        Assert.Equal(network.Graph.Nodes.Select(Described), again.Graph.Nodes.Select(Described));
        Assert.Equal(network.Weights.Keys, again.Weights.Keys);
        Assert.All(network.Weights, weight => Assert.True(weight.Value.Bytes.Span.SequenceEqual(again.Weights[weight.Key].Bytes.Span), weight.Key));
        Assert.Equal(file, OnnxExporter.Export(again.Graph, again.Weights, new(BatchNorm: BatchNormForm.Keep)));
    }

    public static float[] Run(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, HostArray images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        return network.Forward(tensor(images.Floats.ToArray(), [.. images.Shape]), training: false).contiguous().data<float>().ToArray();
    }

    public static float[] InRuntime(byte[] file, HostArray images)
    {
        using var session = new InferenceSession(file);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(images.Floats.ToArray(), [.. images.Shape]);
        using var output = session.Run(options, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        var farthest = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(farthest <= Tolerance * largest, $"{farthest} apart, scores up to {largest}");
    }

    private static string Described(Node node) => $"{node.GetType().Name} {node.Name}: {string.Join(", ", node.Inputs)} -> {string.Join(", ", node.Outputs)}";
}
