using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Compression.Weights;

namespace SparseGrid.Compression.Tests.Weights;

public sealed class StateDictTests
{
    private static readonly LayerGraph Graph = ResNet.Build("resnet8", new(3, 8, 8), 10, width: 8);
    private static readonly ImmutableSortedDictionary<string, HostArray> Trained = GraphNetwork.Initial(Graph, 1);

    [Fact]
    public void A_safetensors_file_of_the_network_s_names_comes_out_as_it_is()
    {
        var loaded = Load(Trained);

        Assert.Equal(Trained.Keys, loaded.Weights.Keys);
        Assert.All(Trained, entry => Assert.True(entry.Value.Bytes.Span.SequenceEqual(loaded.Weights[entry.Key].Bytes.Span), entry.Key));
        Assert.Empty(loaded.Masks);
        Assert.Empty(loaded.Notes);
    }

    [Theory]
    [InlineData("module.", "'module.' before all names, of DataParallel, was left out.")]
    [InlineData("_orig_mod.", "'_orig_mod.' in names, of torch.compile, was left out.")]
    [InlineData("module._orig_mod.", "'_orig_mod.' in names, of torch.compile, was left out.|'module.' before all names, of DataParallel, was left out.")]
    [InlineData("model.net.", "'model.net.' before all names was left out.")]
    public void What_wrappers_put_before_all_names_is_left_out_and_said(string prefix, string notes)
    {
        var loaded = Load(Trained.ToDictionary(entry => prefix + entry.Key, entry => entry.Value));
        Assert.Equal(Trained.Keys, loaded.Weights.Keys);
        Assert.Equal(notes.Split('|'), loaded.Notes);
    }

    [Fact]
    public void Counters_are_left_out_and_other_floats_become_float32_and_both_are_said()
    {
        var arrays = Trained.ToDictionary();
        arrays["bn1.num_batches_tracked"] = HostArray.Of((ReadOnlySpan<long>)[5]) with { Shape = [] };
        arrays["fc.weight"] = new(ElementType.F16, Trained["fc.weight"].Shape, Bytes<Half>(Trained["fc.weight"].Floats.ToArray().Select(value => (Half)value)));
        arrays["fc.bias"] = new(ElementType.F64, Trained["fc.bias"].Shape, Bytes<double>(Enumerable.Range(0, 10).Select(i => i / 3.0)));
        var loaded = Load(arrays);

        Assert.Equal(Trained["fc.weight"].Floats.ToArray().Select(value => (float)(Half)value), loaded.Weights["fc.weight"].Floats.ToArray());
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)(i / 3.0)), loaded.Weights["fc.bias"].Floats.ToArray());
        Assert.Equal(
            ["Left out 1 counter (num_batches_tracked, n_averaged), which no network here has.", "1 array of F64 became float32, rounded.", "1 array of F16 became float32."], loaded.Notes);
    }

    [Fact]
    public void Everything_that_does_not_fit_is_said_at_once_with_shapes_and_nothing_is_loaded()
    {
        var arrays = Trained.ToDictionary();
        arrays.Remove("conv1.weight");
        arrays["stem.weight"] = Trained["conv1.weight"];
        arrays.Remove("layer1.0.bn1.running_mean");
        arrays["layer2.0.conv1.weight"] = HostArray.Of(new float[16 * 8], 16, 8, 1, 1);
        arrays["extra"] = HostArray.Of(new float[6], 2, 3);
        arrays["bn1.bias"] = new(ElementType.I8, [8], new byte[8]);

        Assert.Equal(
            "weights does not fit network resnet8; nothing was loaded. Missing are conv1.weight [8, 3, 3, 3] (is it 'stem.weight'?), layer1.0.bn1.running_mean [8]. "
            + "Unexpected are extra [2, 3], stem.weight [8, 3, 3, 3]. Of another shape are layer2.0.conv1.weight [16, 8, 1, 1] where [16, 8, 3, 3] is taken. "
            + "Integers are bn1.bias (I8); what one step of them is worth is not said, so save the float model, or import a quantized model as ONNX.",
            Refused(arrays));
    }

    [Fact]
    public void A_last_layer_of_another_class_count_is_said_in_words()
    {
        var arrays = GraphNetwork.Initial(ResNet.Build("resnet8", new(3, 8, 8), 100, width: 8), 1);
        Assert.EndsWith(
            "Of another shape are fc.weight [100, 32] where [10, 32] is taken, fc.bias [100] where [10] is taken. Its last layer 'fc' tells 100 classes apart, and that of the network 10: "
            + "build the network with 100 classes, or save a model with 10.",
            Refused(arrays));
    }

    [Fact]
    public void Weights_of_a_network_of_the_family_are_recognised_and_long_lists_are_cut()
    {
        var message = Refused(GraphNetwork.Initial(ResNet.Build("resnet20", new(1, 8, 8), 12, width: 4), 1));
        Assert.Contains("Unexpected are layer1.1.bn1.bias [4], ", message);
        Assert.Contains(" and 48 more. ", message);
        Assert.EndsWith(" The file fits resnet20 of width 4 for 1 channels and 12 classes.", message);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_by_name_and_place()
    {
        var values = Trained["fc.bias"].Floats.ToArray();
        values[3] = float.NaN;
        Assert.EndsWith("NaN or infinite are fc.bias (first at value 3): did the training diverge?", Refused(Trained.SetItem("fc.bias", HostArray.Of(values, 10))));
        Assert.EndsWith(
            "NaN or infinite are fc.bias (first at value 0): did the training diverge?",
            Refused(Trained.SetItem("fc.bias", new(ElementType.F64, [10], Bytes<double>(Enumerable.Repeat(1e300, 10))))));
    }

    [Fact]
    public void Masks_of_ASP_are_given_back_apart_and_never_loaded_as_weights()
    {
        var mask = new byte[8 * 8 * 9];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = (byte)(i / 9 % 4 < 2 ? 1 : 0);
        var weight = Trained["layer1.0.conv1.weight"].Floats.ToArray().Select((value, i) => value * mask[i]).ToArray();
        var arrays = Trained.SetItem("layer1.0.conv1.weight", HostArray.Of(weight, 8, 8, 3, 3)).ToDictionary(entry => $"module.{entry.Key}", entry => entry.Value);
        arrays["module.layer1.0.conv1.__weight_mma_mask"] = HostArray.Of(mask, 8, 8, 3, 3);
        arrays["module.layer1.0.conv1.__weight_mma_pruned_p"] = HostArray.Of(new float[mask.Length], 8, 8, 3, 3);
        arrays["module.layer1.0.conv2.__weight_mma_mask"] = HostArray.Of(Enumerable.Repeat((byte)1, mask.Length).ToArray(), 8, 8, 3, 3);
        var loaded = Load(arrays);

        Assert.Equal(Trained.Keys, loaded.Weights.Keys);
        Assert.Equal(mask, Assert.Single(loaded.Masks, entry => entry.Key == "layer1.0.conv1.weight").Value.UnsignedBytes.ToArray());
        Assert.Equal(
            [
                "'module.' before all names, of DataParallel, was left out.",
                "Left out 1 array of pruned values that ASP keeps to bring them back (_mma_pruned_p).",
                "1 of 2 masks keep every weight, as ASP has them until masks are computed; they were left out.",
            ],
            loaded.Notes);

        arrays["module.layer1.0.conv1.weight"] = Trained["layer1.0.conv1.weight"];
        loaded = Load(arrays);
        Assert.Equal(Trained["layer1.0.conv1.weight"].Floats.ToArray(), loaded.Weights["layer1.0.conv1.weight"].Floats.ToArray());
        Assert.StartsWith("Not zero, though their masks prune them, are values of layer1.0.conv1.weight (288).", loaded.Notes[^1]);

        arrays["module.layer1.0.conv1.__weight_mma_mask"] = HostArray.Of(mask, 8, 72);
        Assert.Contains("Masks of no such weight are layer1.0.conv1.weight [8, 72].", Refused(arrays));
        mask[7] = 2;
        arrays["module.layer1.0.conv1.__weight_mma_mask"] = HostArray.Of(mask, 8, 8, 3, 3);
        Assert.Contains("of other values than 0 and 1, first at place 7", Refused(arrays));
    }

    [Fact]
    public void Ranges_of_pytorch_quantization_are_no_weights_and_stay_to_be_read()
    {
        var arrays = Trained.SetItem("fc._input_quantizer._amax", HostArray.Of([4f]) with { Shape = [] });
        var state = StateDictFile.Read(SafeTensors.Write(arrays), "weights");
        var loaded = state.Into(Graph);
        Assert.DoesNotContain("fc._input_quantizer._amax", loaded.Weights.Keys);
        Assert.Equal("1 range of pytorch-quantization: no weights, so not loaded; QuantizerState reads them.", Assert.Single(loaded.Notes));
        Assert.Equal(4f, state.Arrays["fc._input_quantizer._amax"].Floats[0]);
    }

    [Fact]
    public void Files_are_told_apart_by_content_and_other_kinds_are_named()
    {
        string Message(params byte[] bytes) => Assert.Throws<InvalidDataException>(() => StateDictFile.Read(bytes, "file")).Message;
        Assert.Contains("is neither a file of torch.save nor of safetensors", Message());
        Assert.Contains("is neither a file of torch.save nor of safetensors", Message([.. Encoding.ASCII.GetBytes("conv1.weight 1 2 3")]));
        Assert.Contains("is an HDF5 file", Message(0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10));
        Assert.Contains("looks like an ONNX model", Message(8, 7, 18, 3, 1, 2, 3));
        Assert.Contains("cannot be read as a PyTorch state dict", Message((byte)'P', (byte)'K', 3, 4));
        Assert.Contains("holds one set of tensors and nothing under 'ema'", Assert.Throws<InvalidDataException>(() => StateDictFile.Read(SafeTensors.Write(Trained), "file", "ema")).Message);
    }

    [Fact]
    public void A_checkpoint_of_torch_save_is_read_with_its_state_dict_s_place_and_says_what_was_not_read()
    {
        var state = StateDictFile.Open(Path.Combine(AppContext.BaseDirectory, "Onnx", "newer", "checkpoint.pth"));
        Assert.Equal("checkpoint.pth", state.Source);
        Assert.Equal([16L, 3, 3, 3], state.Arrays["conv1.weight"].Shape);
        Assert.Contains("epoch, optimizer beside the tensors were not read.", state.Notes);
        Assert.DoesNotContain(state.Arrays.Keys, name => name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
    }

    private static LoadedWeights Load(IReadOnlyDictionary<string, HostArray> arrays) => StateDictFile.Read(SafeTensors.Write(arrays), "weights").Into(Graph);

    private static string Refused(IReadOnlyDictionary<string, HostArray> arrays) => Assert.Throws<InvalidDataException>(() => Load(arrays)).Message;

    private static byte[] Bytes<T>(IEnumerable<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values.ToArray()).ToArray();
}
