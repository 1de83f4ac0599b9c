using System.Runtime.InteropServices;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Data;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Networks of Debian's python3-torchvision with random weights, exported by Debian's python3-torch.</summary>
public sealed class TorchvisionImportTests : TestFolder
{
    [Theory]
    [InlineData("resnet18", 11)]
    [InlineData("resnet50", 13)]
    [InlineData("densenet121", 13)]
    [InlineData("googlenet", 12)]
    [InlineData("efficientnet_b0", 14)]
    [InlineData("mnasnet0_5", 16)]
    [InlineData("regnet_y_400mf", 15)]
    [InlineData("vgg11", 13)]
    public void A_network_of_torchvision_is_imported_and_gives_PyTorchs_scores(string name, int opset)
    {
        Assert.SkipUnless(DebianPython.Has("torch, torchvision, onnx"), "python3-torch and python3-torchvision are not installed (sudo apt install python3-torchvision python3-onnx)");
        var made = DebianPython.Run(Path.Combine(AppContext.BaseDirectory, "Onnx", "torchvision_models.py"), In(""), $"{opset}", name);
        Assert.True(made.Exit == 0, made.Errors);

        var size = name == "vgg11" ? 224 : 64;
        var images = HostArray.Of(Numbers($"{name}.input"), 2, 3, size, size);
        var network = OnnxImport.Open(In($"{name}.onnx"), new(3, size, size));

        Assert.Null(network.Batch);
        ImportedModel.AssertScores(network, File.ReadAllBytes(In($"{name}.onnx")), images, Numbers($"{name}.output"));
        ImportedModel.AssertSameAfterExport(network);
    }

    private float[] Numbers(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(In(file))).ToArray();
}
