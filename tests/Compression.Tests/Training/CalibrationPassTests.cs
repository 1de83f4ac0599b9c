using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class CalibrationPassTests
{
    // Five batches; the last one is not full.
    private static readonly LabeledImages Images = NoisyImages.Of(300);
    private static readonly LayerGraph Graph = ResNet.Build("resnet8", Images.Shape, Images.Classes, width: 4);
    private static readonly string[] Tensors = [.. QuantizerPlacement.Of(Graph, Dialect.Ort).Activations.Select(quantizer => quantizer.Tensor)];

    [Fact]
    public void A_pass_killed_after_any_batch_goes_on_from_its_last_checkpoint_to_the_same_histograms()
    {
        var checkpoints = new SortedDictionary<long, byte[]>();
        var undisturbed = Run(Empty(), checkpoints.Add);

        Assert.Equal([64L, 128, 192, 256], checkpoints.Keys);
        Assert.All(checkpoints.Values, bytes => Assert.Equal(undisturbed, Run(CalibrationCheckpoint.FromBytes(bytes))));
    }

    [Fact]
    public void A_pass_that_is_stopped_writes_a_checkpoint_and_goes_on_from_it_to_the_same_histograms()
    {
        var undisturbed = Run(Empty());
        using var stop = new CancellationTokenSource();
        var written = new List<byte[]>();
        var hooks = new CalibrationHooks(
            done =>
            {
                if (done == 128)
                    stop.Cancel();
            },
            (_, bytes) => written.Add(bytes), Every(long.MaxValue));
        using (var network = Network())
            Assert.Throws<OperationCanceledException>(() => CalibrationPass.Run(network, Images, Empty(), hooks, stop.Token));

        var kept = CalibrationCheckpoint.FromBytes(Assert.Single(written));
        Assert.Equal(128, kept.Images);
        Assert.Equal(undisturbed, Run(kept));
    }

    [Fact]
    public void A_checkpoint_fits_whole_batches_of_the_same_images_and_the_same_tensors()
    {
        var kept = Empty() with { Images = 128 };
        Assert.True(CalibrationPass.CanResume(kept, Images.Count, Tensors));
        Assert.True(CalibrationPass.CanResume(kept with { Images = Images.Count }, Images.Count, Tensors));
        Assert.False(CalibrationPass.CanResume(kept with { Images = 100 }, Images.Count, Tensors));
        Assert.False(CalibrationPass.CanResume(kept with { Images = 320 }, Images.Count, Tensors));
        Assert.False(CalibrationPass.CanResume(kept with { Images = -64 }, Images.Count, Tensors));
        Assert.False(CalibrationPass.CanResume(kept, Images.Count, Tensors.Skip(1)));
        Assert.Throws<InvalidDataException>(() => CalibrationCheckpoint.FromBytes("no tensors"u8.ToArray()));
    }

    [Fact]
    public void A_pass_names_the_activation_and_the_batch_that_is_not_finite_and_needs_images()
    {
        var pixels = new float[Images.Count * Images.Shape.Count];
        pixels[Images.Shape.Count * 70] = float.NaN;
        var broken = new LabeledImages(Images.Shape, Images.Classes, pixels, Images.Labels);
        using var network = Network();
        var hooks = new CalibrationHooks(_ => { }, (_, _) => { }, Every(long.MaxValue));
        void Pass(LabeledImages images) => CalibrationPass.Run(network, images, Empty(), hooks, TestContext.Current.CancellationToken);

        var message = Assert.Throws<ArgumentException>(() => Pass(broken)).Message;
        Assert.Contains($"'{Graph.InputName}'", message);
        Assert.Contains("batch 2 (images 65 to 128)", message);
        Assert.Contains("no calibration images", Assert.Throws<ArgumentException>(() => Pass(new(Images.Shape, Images.Classes, Array.Empty<float>(), []))).Message);
    }

    private static byte[] Run(CalibrationCheckpoint start, Action<long, byte[]>? save = null)
    {
        using var network = Network();
        CalibrationPass.Run(
            network, Images, start, new(_ => { }, save ?? ((_, _) => { }), Every(save is null ? long.MaxValue : 1)), TestContext.Current.CancellationToken);
        return (start with { Images = Images.Count }).ToBytes();
    }

    private static CheckpointRule Every(long batches) => new(batches, TimeSpan.FromHours(1), 1, TimeProvider.System);

    private static CalibrationCheckpoint Empty() => new(0, Tensors.ToDictionary(tensor => tensor, _ => new ActivationHistogram()));

    private static GraphNetwork Network()
    {
        set_num_threads(1);
        return new(Graph, GraphNetwork.Initial(Graph, 5), ComputeDevice.Cpu);
    }
}
