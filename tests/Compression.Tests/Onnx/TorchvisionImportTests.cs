using System.Diagnostics;
using System.Runtime.InteropServices;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Data;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>Networks of Debian's python3-torchvision with random weights, exported by Debian's python3-torch.</summary>
public sealed class TorchvisionImportTests : TestFolder
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> Installed = new(() => File.Exists(Python) && Exit(Python, "-c", "import torch, torchvision, onnx") == 0);

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
        Assert.SkipUnless(Installed.Value, "python3-torch and python3-torchvision are not installed (sudo apt install python3-torchvision python3-onnx)");
        Assert.SkipWhen(name == "vgg11" && Environment.GetEnvironmentVariable("SPARSEGRID_LONG") != "1", "half a gigabyte of weights: with tests/run.sh --long only");
        Assert.Equal(0, Exit(Python, "-W", "ignore", Path.Combine(AppContext.BaseDirectory, "Onnx", "torchvision_models.py"), In(""), $"{opset}", name));

        var size = name == "vgg11" ? 224 : 64;
        var images = HostArray.Of(Numbers($"{name}.input"), 2, 3, size, size);
        var network = OnnxImport.Open(In($"{name}.onnx"), new(3, size, size));

        Assert.Null(network.Batch);
        ImportedModel.AssertScores(network, File.ReadAllBytes(In($"{name}.onnx")), images, Numbers($"{name}.output"));
        ImportedModel.AssertSameAfterExport(network);
    }

    private static int Exit(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            TestContext.Current.TestOutputHelper?.WriteLine(errors);
        return process.ExitCode;
    }

    private float[] Numbers(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(In(file))).ToArray();
}
