using System.Runtime.InteropServices;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Data;
using SparseGrid.Compression.Tests.Onnx;
using SparseGrid.Compression.Weights;

namespace SparseGrid.Compression.Tests.Weights;

/// <summary>State dicts that Debian's python3-torch saved of python3-torchvision's networks.</summary>
public sealed class TorchvisionStateDictTests : TestFolder
{
    [Fact]
    public void State_dicts_of_torchvision_s_ResNets_give_PyTorchs_scores_plain_wrapped_compiled_and_pruned()
    {
        Assert.SkipUnless(DebianPython.Has("torch, torchvision"), "python3-torch and python3-torchvision are not installed (sudo apt install python3-torchvision)");
        var made = DebianPython.Run(Path.Combine(AppContext.BaseDirectory, "Weights", "state_dicts.py"), In(""));
        Assert.True(made.Exit == 0, made.Errors);

        AssertScores("resnet50.pth", "resnet50");
        AssertScores("resnet18.pth", "resnet18");
        var wrapped = AssertScores("wrapped.pth", "resnet18");
        Assert.Contains("epoch, optimizer_state_dict beside the tensors were not read.", wrapped.Notes);
        Assert.Contains(wrapped.Notes, note => note.StartsWith("'module.'", StringComparison.Ordinal));
        foreach (var file in (string[])["asp.pth", "asp.safetensors"])
        {
            var pruned = AssertScores(file, "resnet18");
            Assert.Equal(19, pruned.Masks.Count);
            Assert.All(pruned.Masks, mask => Assert.True(GroupsOfFour.Check(mask.Value.UnsignedBytes, mask.Value.Shape.AsSpan()).Valid, mask.Key));
            Assert.DoesNotContain(pruned.Notes, note => note.StartsWith("Not zero", StringComparison.Ordinal));
        }

        Assert.EndsWith(
            " The file fits resnet50 of width 64 for 3 channels and 10 classes.",
            Assert.Throws<InvalidDataException>(() => StateDictFile.Open(In("resnet50.pth")).Into(ResNet.Build("resnet34", new(3, 64, 64), 10))).Message);
    }

    private LoadedWeights AssertScores(string file, string network)
    {
        var graph = ResNet.Build(network, new(3, 64, 64), 10);
        var loaded = StateDictFile.Open(In(file)).Into(graph);
        ImportedModel.AssertNear(Numbers(Path.ChangeExtension(file, "f32")), ImportedModel.Run(graph, loaded.Weights, HostArray.Of(Numbers("images.f32"), 2, 3, 64, 64)));
        return loaded;
    }

    private float[] Numbers(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(In(file))).ToArray();
}
