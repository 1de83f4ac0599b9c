using System.Text;
using SparseGrid.Compression.Images;
using SparseGrid.Compression.Tests.Data;

namespace SparseGrid.Compression.Tests.Images;

/// <summary>Pictures and their sizes, against what Pillow makes of them.</summary>
public sealed class PictureTests : TestFolder
{
    // 7x5 pixels with samples (37 i) mod 256, made by Pillow.
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAAJUlEQVR4nGNgUPXKn7LzHrOGb9H0PQ/ZtANKZ+1/wsSJDVAuCgAU1gxXcnDScQAAAABJRU5ErkJggg==";

    private static Picture Pattern(int channels = 3) => new([.. Enumerable.Range(0, 7 * 5 * channels).Select(i => (byte)(i * 37))], channels, 5, 7);

    [Fact]
    public void A_png_is_read_in_colour_and_as_luminance()
    {
        var picture = PictureFile.Read(Convert.FromBase64String(Png), "pattern.png", 3);
        Assert.Equal((3, 5, 7), (picture.Channels, picture.Height, picture.Width));
        Assert.Equal(Pattern().Samples, picture.Samples);
        byte[] luminance =
        [
            30, 141, 73, 107, 189, 73, 184, 39, 150, 82, 116, 198, 82, 193, 48, 159, 91, 125, 207, 91, 202, 57, 168, 100, 134, 216, 100, 211, 66, 177, 32, 143, 75, 109, 191,
        ];
        Assert.Equal(luminance, PictureFile.Read(Convert.FromBase64String(Png), "pattern.png", 1).Samples);
    }

    [Fact]
    public void Text_and_bytes_of_a_pixmap_are_the_same_picture_at_any_largest_sample()
    {
        var text = PictureFile.Read(Encoding.ASCII.GetBytes("P3 # a comment\n2 1\n15\n0 5 15  1 2 3"), "a.ppm", 3);
        Assert.Equal([0, 85, 255, 17, 34, 51], text.Samples);
        Assert.Equal(text.Samples, PictureFile.Read([.. "P6\n2 1\n15\n"u8, 0, 5, 15, 1, 2, 3], "b.ppm", 3).Samples);
        Assert.Equal(text.Samples, PictureFile.Read([.. "P6 2 1 3855\n"u8, 0, 0, 5, 5, 15, 15, 1, 1, 2, 2, 3, 3], "c.ppm", 3).Samples);
        Assert.Equal([7, 7, 7, 200, 200, 200], PictureFile.Read([.. "P5 2 1 255\n"u8, 7, 200], "d.pgm", 3).Samples);
    }

    [Theory]
    [InlineData(3, 4, new byte[] { 62, 87, 124, 163, 67, 104, 132, 169, 73, 112, 149, 174, 76, 101, 138, 177, 81, 118, 146, 183, 87, 126, 163, 188, 83, 115, 152, 115, 95, 132, 160, 121, 101, 140, 170, 126 })]
    [InlineData(2, 3, new byte[] { 104, 86, 123, 146, 123, 100, 123, 160, 142, 105, 104, 141, 145, 122, 118, 141, 161, 131 })]
    public void A_resized_picture_has_Pillows_pixels(int height, int width, byte[] expected) => Assert.Equal(expected, PictureResizing.Resize(Pattern(), height, width).Samples);

    [Fact]
    public void Random_pictures_are_resized_as_by_the_installed_Pillow()
    {
        Assert.SkipUnless(DebianPython.Has("PIL, numpy"), "Debian's python3-pil and python3-numpy are not installed.");
        var random = new Random(5);
        for (var round = 0; round < 12; round++)
        {
            var channels = round % 2 == 0 ? 3 : 1;
            var (height, width) = (random.Next(1, 60), random.Next(1, 60));
            var picture = new Picture(new byte[height * width * channels], channels, height, width);
            random.NextBytes(picture.Samples);
            var (newHeight, newWidth) = (random.Next(1, 70), random.Next(1, 70));
            File.WriteAllBytes(In("from.ppm"), [.. Encoding.ASCII.GetBytes($"P{(channels == 3 ? 6 : 5)} {width} {height} 255\n"), .. picture.Samples]);
            var (exit, _, errors) = DebianPython.Run(
                "-c", "import sys; from PIL import Image; open(sys.argv[2], 'wb').write(Image.open(sys.argv[1]).resize((int(sys.argv[3]), int(sys.argv[4])), Image.BILINEAR).tobytes())",
                In("from.ppm"), In("to"), $"{newWidth}", $"{newHeight}");
            Assert.True(exit == 0, errors);
            Assert.Equal(File.ReadAllBytes(In("to")), PictureResizing.Resize(PictureFile.Read(In("from.ppm"), channels), newHeight, newWidth).Samples);
        }
    }

    [Fact]
    public void The_imagenet_preset_cuts_out_the_pixels_that_torchvision_does()
    {
        var picture = new Picture([.. Enumerable.Range(0, 20 * 30 * 3).Select(i => (byte)(i * 37))], 3, 20, 30);
        var fitted = new byte[3 * 14 * 14];
        PicturePreprocessing.ImageNet.Fit(picture, new(3, 14, 14), fitted);
        Assert.Equal([97, 77, 197, 126, 140, 120, 63, 149, 183, 163, 106, 133, 76, 206, 99, 79, 199, 128, 142, 122], fitted[..20]);
        Assert.Equal(74929, fitted.Sum(pixel => pixel));
    }

    [Fact]
    public void A_picture_of_the_networks_size_stays_as_it_is_where_nothing_is_cut_off()
    {
        var fitted = new byte[5 * 7];
        PicturePreprocessing.Unit.Fit(Pattern(channels: 1), new(1, 5, 7), fitted);
        Assert.Equal(Pattern(channels: 1).Samples, fitted);
    }

    [Theory]
    [InlineData("P6 2 1 255\n\u0001\u0002", "holds 2 bytes of samples, and 2x1 pixels take 6")]
    [InlineData("P5 100000 100000 255\n", "has 100000x100000 pixels; at most 100000000 are read")]
    [InlineData("P5 0 4 255\n", "its header says 0x4 pixels")]
    [InlineData("P2 1 1 10\n11", "has a sample of 11, and its header says at most 10")]
    [InlineData("P2 1 x 10\n11", "has no whole number for its height")]
    [InlineData("P4 8 1\nx", "is a bitmap of one bit a pixel")]
    [InlineData("hello", "is no PNG, JPEG, BMP, PGM or PPM picture, or is damaged")]
    public void What_cannot_be_read_is_named_with_the_reason(string file, string expected)
    {
        var message = Assert.Throws<InvalidDataException>(() => PictureFile.Read(Encoding.Latin1.GetBytes(file), "bad.ppm", 3)).Message;
        Assert.StartsWith("bad.ppm: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public async Task Damaged_pictures_are_pictures_or_refused_at_once_and_nothing_else()
    {
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
        byte[][] whole = [Convert.FromBase64String(Png), Convert.FromBase64String(Jpeg), [.. "P6 2 2 255\n"u8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]];
        var (random, refused) = (new Random(11), 0);
        for (var round = 0; round < rounds; round++)
        {
            var file = whole[round % whole.Length].ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                file = file[..random.Next(1, file.Length)];
            try
            {
                // A decoder that never ends fails the test, with the bytes.
                var picture = await Task.Run(() => PictureFile.Read(file, "damaged", 3), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                Assert.Equal(picture.Height * picture.Width * 3, picture.Samples.Length);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Round {round} never ends: {Convert.ToBase64String(file)}");
            }
        }

        Assert.InRange(refused, rounds / 20, rounds - 1);
    }

    // 8x8 pixels, made by Pillow.
    private const string Jpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
        + "CgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJico"
        + "KSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQF"
        + "BgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaan"
        + "qKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwCj+xFpHw+0W08OeDdV8Q28Gq3afDyO2sXDb5Hj+y3TgYGOIAZPpRRRX5X4teLXEfhLxHUwuUUqVSOJnKtP2sZyalyUoWjyVKaUbRWjTd769D"
        + "yczwFHNKGCxdVtSnh6aaW37pzoRtdN6woxb1+Jyasmkv/Z";
}
