using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Tests.Data;

public sealed class NormalizationTests
{
    private static readonly ImageShape Shape = new(2, 1, 2);
    private static readonly LabeledImages Images = new(Shape, 2, [0f, 1f, 0.5f, 0.25f, 1f, 1f, 0f, 0f], [0, 1]);
    private static readonly Normalization ByChannel = Normalization.Parse("0.5,0.25", "0.5,2", Shape);

    [Fact]
    public void Each_channel_has_its_numbers()
    {
        var normalized = Images.With(ByChannel);

        Assert.Equal([-1f, 1f, 0.125f, 0f, 1f, 1f, -0.125f, -0.125f], normalized.Pixels(0, 2));
        Assert.Equal([1f, 1f, -0.125f, -0.125f], normalized.At([1]).Pixels(0, 1));
        Assert.Equal([0f, 1f, 0.5f, 0.25f, 1f, 1f, 0f, 0f], Images.Pixels(0, 2));
    }

    [Fact]
    public void The_pixels_to_look_at_stay()
    {
        var pixels = new float[4];
        Images.With(ByChannel).CopyPixelsTo(0, pixels);
        Assert.Equal([0f, 1f, 0.5f, 0.25f], pixels);
    }

    [Fact]
    public void What_a_shift_fills_in_is_black_to_the_network_too()
    {
        TorchLibrary.Load();
        var white = new LabeledImages(new(1, 4, 4), 2, [.. Enumerable.Repeat(1f, 32)], [0, 1]).With(new([0.5f], [0.25f]));
        using var scope = TorchSharp.torch.NewDisposeScope();
        var values = new HashSet<float>();
        for (var epoch = 0; epoch < 8; epoch++)
            values.UnionWith(new BatchSource(white, 2, 1, shiftPixels: 2, flip: true).Batch(epoch, 0, TorchSharp.torch.CPU).Images.data<float>().ToArray());

        Assert.Equal([-2f, 2f], values.Order());
    }

    [Theory]
    [InlineData("0", "1", true)]
    [InlineData("0,0", "1,1", true)]
    [InlineData("0", "1,2", false)]
    public void Numbers_that_change_nothing_are_told(string mean, string std, bool nothing) => Assert.Equal(nothing, Normalization.Parse(mean, std, Shape).ChangesNothing);

    [Theory]
    [InlineData("0.1,0.2,0.3", "1", "data.normalize.mean has 3 numbers, but the images are 2x1x2, of 2 channels. Give one for each channel, or one for all.")]
    [InlineData("0", "1e-60", "data.normalize.std is 1e-60: pixels are divided by it, so each is above 0 in float32.")]
    public void Numbers_that_do_not_go_with_the_images_are_refused(string mean, string std, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => Normalization.Parse(mean, std, Shape)).Message);
}
