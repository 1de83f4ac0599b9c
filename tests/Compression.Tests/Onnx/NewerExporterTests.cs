using System.Runtime.InteropServices;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tensors.PyTorch;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Files that newer/make.py wrote with PyTorch 2.11 and its exporter over torch.export, operator sets 18 and 20.</summary>
public sealed class NewerExporterTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Onnx", "newer");

    [Theory]
    [InlineData("small_resnet")]
    [InlineData("small_mobilenet_v3")]
    [InlineData("small_shufflenet_v2")]
    public void A_file_of_the_newer_exporter_is_imported_and_gives_PyTorchs_scores(string name)
    {
        var path = Path.Combine(Folder, $"{name}.onnx");
        var network = OnnxImport.Open(path);

        Assert.Null(network.Batch);
        Assert.Empty(network.Notes);
        ImportedModel.AssertScores(network, File.ReadAllBytes(path), HostArray.Of(Numbers($"{name}.input"), 2, 3, 32, 32), Numbers($"{name}.output"));
        ImportedModel.AssertSameAfterExport(network);
    }

    [Fact]
    public void Layers_have_the_names_of_the_modules()
    {
        var network = OnnxImport.Open(Path.Combine(Folder, "small_resnet.onnx"));
        Assert.Equal(
            ["conv1", "layer1.conv1", "layer1.conv2", "layer2.conv1", "layer2.conv2", "layer2.downsample.0", "fc"],
            network.Graph.WeightedNodes.Select(node => node.Name).OrderBy(name => name == "fc").ThenBy(name => name, StringComparer.Ordinal));
    }

    [Fact]
    public void A_checkpoint_of_a_newer_PyTorch_is_read()
    {
        using var file = File.OpenRead(Path.Combine(Folder, "checkpoint.pth"));
        var state = PyTorchFile.Read(file, "checkpoint.pth");

        Assert.Equal("model_state_dict", state.Key);
        Assert.Equal(["epoch", "optimizer"], state.Others);
        Assert.Equal([16L, 3, 3, 3], state.Arrays["conv1.weight"].Shape);
        Assert.Equal([10L], state.Arrays["fc.bias"].Shape);
        Assert.All(state.Arrays["layer2.bn1.running_var"].Floats.ToArray(), value => Assert.Equal(1f, value));
    }

    private static float[] Numbers(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(Folder, file))).ToArray();
}
