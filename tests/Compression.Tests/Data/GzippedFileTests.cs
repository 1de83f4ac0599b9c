using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tests.Data;

public sealed class GzippedFileTests : TestFolder
{
    private static readonly byte[] First = TinySets.Pixels(70_000);
    private static readonly byte[] Second = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * i >> 3))];

    [Fact]
    public void Several_members_are_the_content_of_all_of_them()
    {
        File.WriteAllBytes(In("two.gz"), [.. TinySets.Gzip(First), .. TinySets.Gzip(Second)]);
        File.WriteAllBytes(In("empty-last.gz"), [.. TinySets.Gzip(First), .. TinySets.Gzip(Second), .. TinySets.Gzip([])]);

        Assert.Equal([.. First, .. Second], Content("two.gz"));
        Assert.Equal([.. First, .. Second], Content("empty-last.gz"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(30)]
    public void A_last_member_that_is_cut_off_is_refused(int missing)
    {
        File.WriteAllBytes(In("cut.gz"), [.. TinySets.Gzip(First), .. TinySets.Gzip(Second)[..^missing]]);

        Assert.Equal($"{In("cut.gz")}: the gzip data break off or are damaged. Get the file again.", Assert.Throws<InvalidDataException>(() => Content("cut.gz")).Message);
    }

    private byte[] Content(string name) => new DataFile("", In(name)).Read(content =>
    {
        using var all = new MemoryStream();
        content.CopyTo(all);
        return all.ToArray();
    });
}
