using System.IO.Compression;
using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tests.Data;

public sealed class DigitsCsvTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("digits").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Reads_pixels_scaled_to_one_and_the_label_last()
    {
        var images = DigitsCsv.Read(Write("a.csv", Line(16, 7) + "\n" + Line(4, 0) + "\n"));

        Assert.Equal(2, images.Count);
        Assert.Equal([7, 0], images.Labels);
        Assert.All(images.Pixels(0, 1), pixel => Assert.Equal(1f, pixel));
        Assert.All(images.Pixels(1, 1), pixel => Assert.Equal(0.25f, pixel));
    }

    [Theory]
    [InlineData("17", "value 1 is '17'; a pixel is a whole number 0 to 16")]
    [InlineData("x", "value 1 is 'x'; a pixel is a whole number 0 to 16")]
    [InlineData("-1", "value 1 is '-1'; a pixel is a whole number 0 to 16")]
    public void Names_the_line_the_value_and_the_rule(string pixel, string expected)
    {
        var path = Write("bad.csv", Line(1, 1) + "\n" + pixel + Line(1, 1)[1..] + "\n");
        var error = Assert.Throws<InvalidDataException>(() => DigitsCsv.Read(path));
        Assert.Contains("bad.csv:2: " + expected, error.Message);
    }

    [Fact]
    public void Refuses_a_line_that_breaks_off()
    {
        var path = Write("cut.csv", Line(1, 1) + "\n" + Line(1, 1)[..39]);
        Assert.Contains("cut.csv:2: 20 values; a line is 64 pixels and the label", Assert.Throws<InvalidDataException>(() => DigitsCsv.Read(path)).Message);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void Refuses_a_gzip_file_that_breaks_off_wherever_it_does(double share)
    {
        var whole = Gzip(string.Concat(Enumerable.Repeat(Line(3, 2) + "\n", 200).Select((line, i) => line.Replace('3', (char)('0' + i % 10)))));
        var path = Path.Combine(folder, "cut.csv.gz");
        File.WriteAllBytes(path, whole[..(int)(whole.Length * share)]);

        Assert.Contains("cut.csv.gz", Assert.Throws<InvalidDataException>(() => DigitsCsv.Read(path)).Message);
        Assert.Contains("cut.csv.gz", Assert.Throws<InvalidDataException>(() => DataDigest.Of([new("", path)])).Message);
    }

    [Fact]
    public void Says_that_a_file_is_missing_and_what_to_do()
    {
        var error = Assert.Throws<InvalidDataException>(() => DigitsCsv.Read(Path.Combine(folder, "none.csv")));
        Assert.Contains("none.csv: the data file does not exist. Correct data.path", error.Message);
    }

    [Fact]
    public void The_digest_is_of_the_content_packed_or_not_whatever_the_name()
    {
        var text = Line(3, 2) + "\n";
        var plain = Write("a.csv", text);
        var packed = Path.Combine(folder, "b.csv.gz");
        File.WriteAllBytes(packed, Gzip(text));
        var other = Write("c.csv", Line(3, 1) + "\n");

        Assert.Equal(DataDigest.Of([new("", plain)]), DataDigest.Of([new("", packed)]));
        Assert.NotEqual(DataDigest.Of([new("", plain)]), DataDigest.Of([new("", other)]));
    }

    private static string Line(int pixel, int label) => string.Join(',', Enumerable.Repeat(pixel, 64).Append(label));

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var writer = new StreamWriter(new GZipStream(bytes, CompressionLevel.Fastest)))
            writer.Write(text);
        return bytes.ToArray();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
