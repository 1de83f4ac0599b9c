using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class IdxFormatTests : TestFolder
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Reads_images_scaled_to_one_and_the_test_images_beside_them(bool gzipped, bool dots)
    {
        var data = TinySets.Read("idx", TinySets.IdxFolder(Folder, gzipped, dots));

        Assert.Equal((12, 6, 3), (data.Images.Count, data.Test!.Count, data.Images.Classes));
        Assert.Equal(new ImageShape(1, 4, 5), data.Images.Shape);
        Assert.Equal(TinySets.Labels(12).Select(label => (int)label), data.Images.Labels);
        Assert.Equal(TinySets.Pixels(240).Select(pixel => pixel / 255f), data.Images.Pixels(0, 12));
    }

    [Fact]
    public void Packing_spelling_and_strangers_in_the_folder_change_no_digest()
    {
        var plain = DataDigest.Of(DataPlace.Find("idx", TinySets.IdxFolder(In("plain")), "").Files);
        var packed = TinySets.IdxFolder(In("packed"), gzipped: true, dots: true);
        File.WriteAllText(Path.Combine(packed, "README"), "read me");
        Assert.Equal(plain, DataDigest.Of(DataPlace.Find("idx", packed, "").Files));

        File.WriteAllBytes(Path.Combine(packed, "t10k-labels.idx1-ubyte.gz"), TinySets.Gzip(TinySets.Idx(0x801, [6], [0, 1, 2, 0, 1, 1])));
        File.SetLastWriteTimeUtc(Path.Combine(packed, "t10k-labels.idx1-ubyte.gz"), DateTime.UtcNow.AddSeconds(5)); // A clock of files may be coarse.
        Assert.NotEqual(plain, DataDigest.Of(DataPlace.Find("idx", packed, "").Files));
    }

    public static TheoryData<string, byte[], string> Damaged => new()
    {
        { "train-images-idx3-ubyte", TinySets.IdxImages(12)[..^1], "FILE: its header states 12 images of 4x5 pixels, 240 bytes, but 239 bytes follow it. Get the file again." },
        { "train-images-idx3-ubyte", [.. TinySets.IdxImages(12), 0], "FILE: its header states 12 images of 4x5 pixels, 240 bytes, but 241 bytes follow it. Get the file again." },
        { "train-images-idx3-ubyte", TinySets.IdxImages(12)[..7], "FILE: ends after 7 bytes, within the header of 16. Get the file again." },
        { "train-images-idx3-ubyte", [], "FILE: ends after 0 bytes, within the header of 16. Get the file again." },
        {
            "train-images-idx3-ubyte", TinySets.IdxLabels(12),
            "FILE: starts with 0x00000801, but IDX images start with 0x00000803. Is this the right file? Get it again if it is."
        },
        { "train-images-idx3-ubyte", TinySets.Idx(0x803, [0, 4, 5], []), "FILE: its header states 0 images of 4x5 pixels, which is nothing. Get the file again." },
        {
            "train-images-idx3-ubyte", TinySets.Idx(0x803, [-1, -1, -1], [1]),
            "FILE: its header states 4294967295 images of 4294967295x4294967295 pixels, 79228162458924105385300197375 bytes, but 1 bytes follow it. Get the file again."
        },
        { "train-labels-idx1-ubyte", TinySets.IdxLabels(11), "FILE: has 11 labels, but FOLDER/train-images-idx3-ubyte has 12 images. Get both files again." },
        { "t10k-labels-idx1-ubyte", TinySets.IdxLabels(5), "FILE: has 5 labels, but FOLDER/t10k-images-idx3-ubyte has 6 images. Get both files again." },
        {
            "t10k-labels-idx1-ubyte", TinySets.Idx(0x801, [6], [0, 1, 2, 3, 1, 2]),
            "FILE: label 4 is 3; with 3 classes labels are 0 to 2. Get the file again, or correct data.classes."
        },
        {
            "train-labels-idx1-ubyte", TinySets.Idx(0x801, [12], [0, 1, 2, 0, 1, 2, 200, 1, 2, 0, 1, 2]),
            "FILE: label 7 is 200, but no image has class 3. Without data.classes the labels count from 0 and leave none out: mend the labels, or give data.classes (201 or more) "
                + "where classes without images are meant."
        },
        { "train-labels-idx1-ubyte", TinySets.Idx(0x801, [12], new byte[12]), "FILE: label 1 is 0, and so are all others; a classifier needs two classes or more." },
        {
            "t10k-images-idx3-ubyte", TinySets.Idx(0x803, [6, 5, 4], TinySets.Pixels(120)),
            "FILE: its images are 1x5x4, those of FOLDER/train-images-idx3-ubyte are 1x4x5. These are files of two data sets; get the right ones."
        },
        { "train-images-idx3-ubyte", TinySets.Gzip(TinySets.IdxImages(12))[..^9], "FILE: the gzip data break off or are damaged. Get the file again." },
        { "train-images-idx3-ubyte", TinySets.Gzip([.. TinySets.IdxImages(12), 1]), "FILE: its header states 12 images of 4x5 pixels, 240 bytes, but more follow it. Get the file again." },
        { "train-images-idx3-ubyte", TinySets.Gzip(TinySets.IdxImages(12)[..^1]), "FILE: its header states 12 images of 4x5 pixels, 240 bytes, but 239 bytes follow it. Get the file again." },
    };

    [Theory]
    [MemberData(nameof(Damaged), DisableDiscoveryEnumeration = true)]
    public void A_damaged_file_is_named_with_the_value_and_the_rule(string name, byte[] bytes, string expected)
    {
        TinySets.IdxFolder(Folder);
        File.WriteAllBytes(In(name), bytes);

        var fault = Assert.Throws<InvalidDataException>(() => TinySets.Read("idx", Folder));

        Assert.Equal(expected.Replace("FILE", In(name)).Replace("FOLDER", Folder), fault.Message);
    }

    [Fact]
    public void A_header_that_promises_gigabytes_allocates_none()
    {
        TinySets.IdxFolder(Folder);
        File.Delete(In("train-images-idx3-ubyte"));
        File.WriteAllBytes(In("train-images-idx3-ubyte.gz"), TinySets.Gzip(TinySets.Idx(0x803, [2_000_000, 28, 28], TinySets.Pixels(1000))));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => TinySets.Read("idx", Folder));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Classes_without_images_are_allowed_where_their_number_is_given()
    {
        TinySets.IdxFolder(Folder);
        File.WriteAllBytes(In("train-labels-idx1-ubyte"), TinySets.Idx(0x801, [12], [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]));

        Assert.Equal(4, TinySets.Read("idx", Folder, new(Classes: 4)).Images.Classes);
        Assert.Contains("label 2 is 2; with 2 classes", Assert.Throws<InvalidDataException>(() => TinySets.Read("idx", Folder, new(Classes: 2))).Message);
    }

    [Fact]
    public void A_missing_file_a_file_for_a_folder_and_a_missing_folder_are_told_apart()
    {
        string Told(string path) => Assert.Throws<InvalidDataException>(() => TinySets.Read("idx", path)).Message;

        TinySets.IdxFolder(Folder);
        File.Delete(In("t10k-labels-idx1-ubyte"));
        Assert.Equal(
            $"{Folder}: there is no t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz or t10k-labels.idx1-ubyte or t10k-labels.idx1-ubyte.gz in it. "
            + "Put the file there, or correct data.path in the spec.", Told(Folder));
        Assert.StartsWith($"{In("train-images-idx3-ubyte")}: is a file; data.path takes the folder with train-images-idx3-ubyte,", Told(In("train-images-idx3-ubyte")));
        Assert.Equal($"{In("none")}: the data folder does not exist. Correct data.path in the spec, or put the files there.", Told(In("none")));
    }
}
