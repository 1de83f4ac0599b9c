using System.Security.Cryptography;
using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tests.Data;

public sealed class NamedSetTests : TestFolder
{
    /// <summary>Of what the publisher's files unpack to, taken from the files whose MD5 sums are published; Debian's package has the same.</summary>
    private static readonly string[] Unpacked =
    [
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ];

    [Fact]
    public void Fashion_mnist_of_the_package_is_the_published_set()
    {
        var set = NamedSet.Of("fashion-mnist")!;
        Assert.SkipUnless(Directory.Exists(set.PackageFolder), "The package dataset-fashion-mnist is not installed.");

        var place = DataPlace.Find("fashion-mnist", null, Folder);
        Assert.Equal(set.PackageFolder, place.Path);
        Assert.Equal(Unpacked, place.Files.Select(file => file.Read(content => Convert.ToHexStringLower(SHA256.HashData(content)))));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var data = place.Read(new());
        var splits = DataSplits.Of(data.Images, data.Test!, 5000, seed: 0);

        // 55 MB of pixels, the buffers they grew in, labels and index lists; as floats they would be 220 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 << 20);
        Assert.Equal((55_000, 5000, 10_000), (splits.Train.Count, splits.Validation.Count, splits.Test.Count));
        Assert.All(splits.Validation.Labels.CountBy(label => label), count => Assert.Equal(500, count.Value));
        Assert.All(splits.Test.Labels.CountBy(label => label), count => Assert.Equal(1000, count.Value));
    }

    [Fact]
    public void A_set_in_the_cache_is_found_without_a_path()
    {
        var folder = TinySets.Cifar(In("cifar10"), 10);
        Assert.Equal(folder, DataPlace.Find("cifar10", null, Folder).Path);
    }

    [Fact]
    public void A_set_that_is_nowhere_is_named_with_every_place_and_what_to_do()
    {
        Assert.Equal(
            $"Data set mnist is not on this machine: looked in {In("mnist")} (no such folder). To get it, put train-images-idx3-ubyte, train-labels-idx1-ubyte, "
            + $"t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (as they are or with .gz) into {In("mnist")}, or set data.path to the folder that has them.",
            Assert.Throws<InvalidDataException>(() => DataPlace.Find("mnist", null, Folder)).Message);

        TinySets.IdxFolder(In("mnist"));
        File.Delete(In("mnist/t10k-labels-idx1-ubyte"));
        Assert.Contains($"looked in {In("mnist")} (without t10k-labels-idx1-ubyte).", Assert.Throws<InvalidDataException>(() => DataPlace.Find("mnist", null, Folder)).Message);
    }

    [Fact]
    public void Every_set_is_read_by_a_format_that_is_there()
    {
        foreach (var set in NamedSet.All)
        {
            var format = DataFormat.Named(set.Format);
            Assert.True(format.BringsTest);
            Assert.All(set.Downloads, file => Assert.Contains(Path.GetFileNameWithoutExtension(file.Name), format.FileNames));
        }
    }
}
