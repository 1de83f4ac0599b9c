using System.Text;
using SparseGrid.Compression.Tensors;
using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Tests.Results;

public sealed class FlipsFileTests
{
    private static readonly FlippedImages Flips = new([new(4, 1, 1, 7), new(9, 2, 3, 2), new(2, 5, 6, 7)], 1, 2, 2, [10, 20, 30, 40, 50, 60, 70, 80]);

    [Fact]
    public void Reads_back_what_was_written()
    {
        var back = FlipsFile.Read(FlipsFile.Write(Flips), "flips");

        Assert.Equal(Flips.Images, back.Images);
        Assert.Equal((1, 2, 2, 2), (back.Channels, back.Height, back.Width, back.Pictures));
        Assert.Equal<byte>([50, 60, 70, 80], back.Picture(1).ToArray());
    }

    [Fact]
    public void Equal_flips_give_equal_bytes() => Assert.Equal(FlipsFile.Write(Flips), FlipsFile.Write(Flips with { Images = [.. Flips.Images] }));

    [Fact]
    public void No_flips_make_a_file_too()
    {
        var back = FlipsFile.Read(FlipsFile.Write(new([], 3, 8, 8, [])), "flips");
        Assert.Empty(back.Images);
        Assert.Equal(0, back.Pictures);
    }

    [Fact]
    public void Another_file_is_refused_with_what_it_lacks()
    {
        var arrays = SafeTensors.Read(FlipsFile.Write(Flips), "flips");
        Assert.Contains("no list 'dense'", Refused(SafeTensors.Write(arrays.Remove("dense"))));
        Assert.Contains("no 8-bit pixels", Refused(SafeTensors.Write(arrays.Remove("pixels"))));
        Assert.Contains("3 indexes, 2 labels", Refused(SafeTensors.Write(arrays.SetItem("label", HostArray.Of((long[])[1, 2], 2)))));
        Assert.Contains("safetensors", Refused(Encoding.UTF8.GetBytes("no tensors at all")));
    }

    private static string Refused(byte[] file) => Assert.Throws<InvalidDataException>(() => FlipsFile.Read(file, "artifact 1234")).Message;
}
