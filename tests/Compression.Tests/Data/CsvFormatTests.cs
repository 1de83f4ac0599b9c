using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class CsvFormatTests : TestFolder
{
    private static readonly ImageLayout Square = new(new ImageShape(1, 2, 2));

    [Theory]
    [InlineData("0,10,20,255,0\n1,10,20,255,1\n", false)]
    [InlineData("0,10,20,255,0\r\n1,10,20,255,1", false)]
    [InlineData("a,b,c,d,label\n0,10,20,255,0\n\n1,10,20,255,1\n", false)]
    [InlineData("\"label\",\"1x1\",\"1x2\",\"2x1\",\"2x2\"\n0,0,10,20,255\n1,1,10,20,255\n", true)]
    public void Reads_images_with_or_without_names_of_columns_and_the_label_at_either_end(string text, bool labelFirst)
    {
        File.WriteAllText(In("a.csv"), text);
        var images = TinySets.Read("csv", In("a.csv"), Square with { LabelFirst = labelFirst }).Images;

        Assert.Equal([0, 1], images.Labels);
        Assert.Equal([0f, 10 / 255f, 20 / 255f, 1f, 1 / 255f, 10 / 255f, 20 / 255f, 1f], images.Pixels(0, 2));
    }

    [Fact]
    public void Another_largest_pixel_scales_to_one_and_one_reads_decimals()
    {
        File.WriteAllText(In("a.csv"), "0,4,8,16,0\n0,0,0,0,1\n");
        Assert.Equal([0f, 0.25f, 0.5f, 1f], TinySets.Read("csv", In("a.csv"), Square with { PixelMax = 16 }).Images.Pixels(0, 1));

        File.WriteAllText(In("a.csv"), "0,0.25,5e-1,1,0\n0,0,0,0,1\n");
        Assert.Equal([0f, 0.25f, 0.5f, 1f], TinySets.Read("csv", In("a.csv"), Square with { PixelMax = 1 }).Images.Pixels(0, 1));
    }

    [Theory]
    [InlineData("1,2,3,4,0\n1,2,256,4,1\n", 255, ":2: value 3 is '256'; a pixel is a whole number 0 to 255. Correct it, or data.pixel_max.")]
    [InlineData("x,2,3,4,0\n1,2,3,4,1\n", 255, ":1: value 1 is 'x'; a pixel is a whole number 0 to 255. Correct it, or data.pixel_max.")]
    [InlineData("1,2,3,17,0\n", 16, ":1: value 4 is '17'; a pixel is a whole number 0 to 16. Correct it, or data.pixel_max.")]
    [InlineData("0,0,NaN,1,0\n", 1, ":1: value 3 is 'NaN'; with pixel_max 1 a pixel is a number 0 to 1. Correct it, or data.pixel_max.")]
    [InlineData("1,2,3,4,0\n1,2,3,4,x\n", 255, ":2: the label, its last value, is 'x'; it is a whole number 0 to 65535. Correct it, or data.label.")]
    [InlineData("1,2,3,4,0\n1,2,3\n", 255, ":2: 3 values; a line is 4 pixels and the label. The file may be cut off here, or data.shape be another.")]
    [InlineData("1,2,3,4,5,0\n", 255, ":1: more than 5 values; a line is 4 pixels and the label. Correct the line, or data.shape.")]
    [InlineData("\n1,2,3,4,0\n1,2,3,4,7\n", 255, ":3: the label is 7, but no image has class 1. Without data.classes the labels count from 0 and leave none out: mend the labels, or give data.classes (8 or more) where classes without images are meant.")]
    [InlineData("a,b,c,d,e\n", 255, ": the file holds no image; each line is 4 pixels and a label.")]
    public void Names_the_line_the_value_and_the_rule(string text, int pixelMax, string expected)
    {
        File.WriteAllText(In("a.csv"), text);
        Assert.Equal(In("a.csv") + expected, Assert.Throws<InvalidDataException>(() => TinySets.Read("csv", In("a.csv"), Square with { PixelMax = pixelMax })).Message);
    }

    [Fact]
    public void Lines_far_longer_than_a_buffer_are_read_and_long_values_are_cut_in_messages()
    {
        var line = string.Join(',', Enumerable.Range(0, 40_000).Select(i => i % 256));
        File.WriteAllText(In("a.csv"), $"{line},0\n{line},1\n");
        var layout = new ImageLayout(new ImageShape(1, 200, 200));
        var images = TinySets.Read("csv", In("a.csv"), layout).Images;
        Assert.Equal(Enumerable.Range(0, 40_000).Select(i => i % 256 / 255f), images.Pixels(1, 1));

        File.WriteAllText(In("a.csv"), $"{new string('7', 100)}\u0001,{line[2..]},0\n");
        Assert.Contains($": value 1 is '{new string('7', 40)}…'; a pixel", Assert.Throws<InvalidDataException>(() => TinySets.Read("csv", In("a.csv"), layout)).Message);
    }

    [Fact]
    public void A_line_without_an_end_is_refused_before_it_fills_the_memory()
    {
        File.WriteAllBytes(In("a.csv.gz"), TinySets.Gzip([.. Enumerable.Repeat((byte)'1', 20_000_000)]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var fault = Assert.Throws<InvalidDataException>(() => TinySets.Read("csv", In("a.csv.gz"), Square));

        Assert.Equal($"{In("a.csv.gz")}:1: the line has more than 160 characters. Is this the right file?", fault.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
