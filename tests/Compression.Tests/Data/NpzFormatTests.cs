using System.IO.Compression;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class NpzFormatTests : TestFolder
{
    private static readonly byte[] Images = TinySets.Npy("|u1", "6, 4, 5", TinySets.Pixels(120));
    private static readonly byte[] Labels = TinySets.Npy("<i8", "6,", TinySets.Longs(TinySets.Labels(6)));

    [Theory]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.NoCompression)]
    public void Reads_bytes_stored_or_deflated(CompressionLevel level)
    {
        var data = TinySets.Read("npz", TinySets.SmallNpz(In("a.npz"), level));

        Assert.Null(data.Test);
        Assert.Equal((6, 3, new ImageShape(1, 4, 5)), (data.Images.Count, data.Images.Classes, data.Images.Shape));
        Assert.Equal(TinySets.Pixels(120).Select(pixel => pixel / 255f), data.Images.Pixels(0, 6));
    }

    [Theory]
    [InlineData("x_train", "y_train", "x_test", "y_test", 1)]
    [InlineData("train_images", "train_labels", "test_images", "test_labels", 2)]
    [InlineData("images", "labels", "x_test", "y_test", 3)]
    public void Takes_test_images_where_the_archive_has_them(string x, string y, string testX, string testY, int version)
    {
        TinySets.Npz(
            In("a.npz"), (x, TinySets.Npy("|u1", "6, 4, 5", TinySets.Pixels(120), version)), (y, TinySets.Npy("|u1", "6, 1", TinySets.Labels(6), version)),
            (testX, TinySets.Npy("|u1", "3, 4, 5", TinySets.Pixels(60), version)), (testY, TinySets.Npy("<u2", "3,", [0, 0, 1, 0, 2, 0], version)), ("val_images", [1]));

        var data = TinySets.Read("npz", In("a.npz"));

        Assert.Equal((6, 3), (data.Images.Count, data.Test!.Count));
        Assert.Equal([0, 1, 2], data.Test.Labels);
    }

    [Fact]
    public void Floats_of_either_size_are_taken_as_they_are()
    {
        float[] values = [.. Enumerable.Range(0, 120).Select(i => i / 119f)];
        TinySets.Npz(In("f4.npz"), ("x", TinySets.Npy("<f4", "6, 4, 5", [.. values.SelectMany(BitConverter.GetBytes)])), ("y", Labels));
        TinySets.Npz(In("f8.npz"), ("x", TinySets.Npy("<f8", "6, 4, 5", [.. values.SelectMany(value => BitConverter.GetBytes((double)value))])), ("y", Labels));

        Assert.Equal(values, TinySets.Read("npz", In("f4.npz")).Images.Pixels(0, 6));
        Assert.Equal(values, TinySets.Read("npz", In("f8.npz")).Images.Pixels(0, 6));
    }

    [Fact]
    public void Channels_first_and_channels_last_are_told_apart_by_their_number_or_by_the_shape_that_is_given()
    {
        byte[] labels = TinySets.Npy("|u1", "2,", [0, 1]);
        byte[] first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]; // [3, 2, 5]
        byte[] last = [.. Enumerable.Range(0, 10).SelectMany(place => new[] { first[place], first[10 + place], first[20 + place] })]; // [2, 5, 3]
        LabeledImages Of(string shape, byte[] image, ImageShape? given) => TinySets.Read(
            "npz", TinySets.Npz(In("a.npz"), ("x", TinySets.Npy("|u1", shape, [.. image, .. image])), ("y", labels)), new(given)).Images;

        var expected = first.Select(pixel => pixel / 255f).ToArray();
        Assert.Equal(expected, Of("2, 3, 2, 5", first, new ImageShape(3, 2, 5)).Pixels(1, 1));
        Assert.Equal(expected, Of("2, 2, 5, 3", last, new ImageShape(3, 2, 5)).Pixels(1, 1));
        Assert.Equal(new ImageShape(3, 2, 5), Of("2, 3, 2, 5", first, null).Shape);

        var fault = Assert.Throws<InvalidDataException>(() => Of("2, 2, 5, 3", last, null));
        Assert.Equal($"{In("a.npz")}: x: its shape is (2, 2, 5, 3); which dimension holds the channels? Give data.shape: 2x5x3 or 3x2x5.", fault.Message);
        fault = Assert.Throws<InvalidDataException>(() => Of("2, 2, 5, 3", last, new ImageShape(1, 5, 6)));
        Assert.Equal($"{In("a.npz")}: x: its shape is (2, 2, 5, 3), which holds no images of data.shape 1x5x6. Correct data.shape.", fault.Message);
    }

    public static TheoryData<byte[], byte[], string> Damaged => new()
    {
        { TinySets.Npy("<i8", "6, 4, 5", new byte[960]), Labels, "x: has values of type i8; images are uint8 (u1), or float32 or float64 (f4, f8) from 0 to 1." },
        { TinySets.Npy(">f4", "6, 4, 5", new byte[480]), Labels, "x: its values are '>f4', big-endian; save them little-endian." },
        { TinySets.Npy("|u1", "6, 20", TinySets.Pixels(120)), Labels, "x: its shape is (6, 20); images are [N, H, W], [N, C, H, W] or [N, H, W, C]." },
        { TinySets.Npy("|u1", "6, 4, 5", TinySets.Pixels(120), order: "True"), Labels, "x: is in Fortran order; save it in C order (numpy.ascontiguousarray)." },
        { TinySets.Npy("|u1", "6, 4, 5", TinySets.Pixels(119)), Labels, "x: its header states (6, 4, 5) of u1, but the array is damaged, or shorter or longer. Get the file again." },
        { TinySets.Npy("|u1", "6, 4, 5", TinySets.Pixels(121)), Labels, "x: its header states (6, 4, 5) of u1, but the array is damaged, or shorter or longer. Get the file again." },
        { TinySets.Npy("|u1", "", [1]), Labels, "x: is a single value; an array is needed." },
        { TinySets.Npy("|u1", "0, 4, 5", []), Labels, "x: its shape is (0, 4, 5); arrays have 1 to 2147483591 values. Get the file again, or split it." },
        { TinySets.Npy("|u1", "2000000, 2000000, 5", []), Labels, "x: its shape is (2000000, 2000000, 5); arrays have 1 to 2147483591 values. Get the file again, or split it." },
        { [1, 2, 3], Labels, "x: does not start as a .npy array of version 1 to 3. Save it with numpy.savez." },
        { Images[..40], Labels, "x: ends within its header. Get the file again." },
        {
            TinySets.Npy("<f4", "6, 4, 5", [.. Enumerable.Range(0, 120).SelectMany(i => BitConverter.GetBytes(i == 45 ? 2f : 0.5f))]), Labels,
            "x: image 3 has the value 2; floats are 0 to 1. Divide by the largest value before saving, or save uint8."
        },
        {
            TinySets.Npy("<f4", "6, 4, 5", [.. Enumerable.Range(0, 120).SelectMany(i => BitConverter.GetBytes(i == 0 ? float.NaN : 0.5f))]), Labels,
            "x: image 1 has the value NaN; floats are 0 to 1. Divide by the largest value before saving, or save uint8."
        },
        { Images, TinySets.Npy("|u1", "5,", TinySets.Labels(5)), "y: has 5 labels, but FILE: x has 6 images. Save both anew." },
        { Images, TinySets.Npy("<f4", "6,", new byte[24]), "y: has values of type f4; labels are whole numbers (uint8, int64, …)." },
        { Images, TinySets.Npy("|u1", "6, 3", TinySets.Pixels(18)), "y: its shape is (6, 3); labels are [N] or [N, 1], a class number for each image." },
        { Images, TinySets.Npy("|i1", "6,", [0, 1, 2, 255, 1, 2]), "y: label 4 is -1; labels are 0 to 65535. Correct it." },
        { Images, TinySets.Npy("<u8", "6,", [.. TinySets.Longs([0, 1, 2, 0, 1]), .. BitConverter.GetBytes(ulong.MaxValue)]), "y: label 6 is 18446744073709551615; labels are 0 to 65535. Correct it." },
    };

    [Theory]
    [MemberData(nameof(Damaged), DisableDiscoveryEnumeration = true)]
    public void A_damaged_array_is_named_with_the_value_and_the_rule(byte[] images, byte[] labels, string expected)
    {
        TinySets.Npz(In("a.npz"), ("x", images), ("y", labels));
        Assert.Equal($"{In("a.npz")}: {expected.Replace("FILE", In("a.npz"))}", Told());
    }

    [Fact]
    public void Arrays_that_are_missing_or_there_twice_are_named()
    {
        TinySets.Npz(In("a.npz"), ("x", Images), ("target", Labels));
        Assert.Equal($"{In("a.npz")}: has no array y or labels or y_train or train_labels; it has x, target. Save it under one of these names.", Told());
        TinySets.Npz(In("a.npz"), ("x", Images), ("images", Images), ("y", Labels));
        Assert.Equal($"{In("a.npz")}: has both x and images; keep one of them.", Told());
        TinySets.Npz(In("a.npz"), ("x", Images), ("y", Labels), ("x_test", Images));
        Assert.StartsWith($"{In("a.npz")}: has no array y_test or test_labels;", Told());
    }

    [Fact]
    public void A_changed_byte_of_a_stored_array_is_found_by_its_sum()
    {
        var bytes = File.ReadAllBytes(TinySets.SmallNpz(In("a.npz"), CompressionLevel.NoCompression));
        bytes[bytes.AsSpan().IndexOf(TinySets.Pixels(120)) + 60] ^= 1;
        File.WriteAllBytes(In("a.npz"), bytes);

        Assert.Equal($"{In("a.npz")}: x: its header states (6, 4, 5) of u1, but the array is damaged, or shorter or longer. Get the file again.", Told());
    }

    [Fact]
    public void A_file_that_is_no_archive_or_is_cut_off_is_named()
    {
        File.WriteAllText(In("a.npz"), "no archive");
        Assert.StartsWith($"{In("a.npz")}: is no whole .npz archive: ", Told());
        File.WriteAllBytes(In("a.npz"), TinySets.Gzip([1, 2]));
        Assert.Equal($"{In("a.npz")}: is gzipped; unpack it, an .npz archive is packed in itself.", Told());
        File.WriteAllBytes(In("a.npz"), File.ReadAllBytes(TinySets.SmallNpz(In("b.npz")))[..^30]);
        Assert.StartsWith($"{In("a.npz")}: is no whole .npz archive: ", Told());
    }

    private string Told() => Assert.Throws<InvalidDataException>(() => TinySets.Read("npz", In("a.npz"))).Message;
}
