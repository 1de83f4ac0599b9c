using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Tests.Artifacts;

public sealed class FolderStoreTests : IDisposable
{
    // SHA-256 of "abc", FIPS 180-2 appendix B.1.
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly string root = Directory.CreateTempSubdirectory("sparsegrid-store-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void An_artifact_lies_under_the_hash_of_its_bytes_and_comes_back()
    {
        var store = new FolderArtifactStore(root);

        Assert.Equal(Abc, store.Put("abc"u8));
        Assert.Equal(Abc, store.Put("abc"u8));

        Assert.Equal("abc"u8, store.Get(Abc));
        Assert.Equal(3, store.SizeOf(Abc));
        Assert.Equal(Path.Combine(root, "artifacts", "ba", Abc), store.Locate(Abc));
        Assert.Equal([store.Locate(Abc)], Directory.GetFiles(root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_damaged_artifact_is_an_error_that_names_the_file_and_storing_it_again_heals_it()
    {
        var store = new FolderArtifactStore(root);
        store.Put("abc"u8);
        File.WriteAllText(store.Locate(Abc), "abd");

        var damaged = Assert.Throws<InvalidDataException>(() => store.Get(Abc));
        Assert.Contains(store.Locate(Abc), damaged.Message);
        store.Put("abc"u8);

        Assert.Equal("abc"u8, store.Get(Abc));
    }

    [Fact]
    public void A_missing_artifact_and_a_name_that_is_no_hash_are_errors()
    {
        var store = new FolderArtifactStore(root);

        Assert.Contains(Abc, Assert.Throws<InvalidDataException>(() => store.Get(Abc)).Message);
        Assert.Throws<InvalidDataException>(() => store.SizeOf(Abc));
        Assert.Throws<ArgumentException>(() => store.Get("../../etc/passwd"));
    }

    [Fact]
    public void The_last_two_checkpoints_are_kept_and_the_newest_whole_one_is_read()
    {
        var store = new FolderCheckpointStore(root);
        Assert.Null(store.Latest("k"));
        foreach (var step in (long[])[1, 9, 10])
            store.Save("k", step, BitConverter.GetBytes(step));

        var files = Directory.GetFiles(Path.Combine(root, "checkpoints", "k")).Order().ToArray();
        Assert.Equal(2, files.Length);
        Assert.Equal(BitConverter.GetBytes(10L), store.Latest("k"));

        File.WriteAllBytes(files[1], File.ReadAllBytes(files[1])[..^1]);
        Assert.Equal(BitConverter.GetBytes(9L), store.Latest("k"));
        var flipped = File.ReadAllBytes(files[0]);
        flipped[^1] ^= 1;
        File.WriteAllBytes(files[0], flipped);
        Assert.Null(store.Latest("k"));
    }

    [Fact]
    public void Deleting_checkpoints_leaves_those_of_other_stages()
    {
        var store = new FolderCheckpointStore(root);
        store.Save("one", 1, "1"u8);
        store.Save("two", 1, "2"u8);

        store.Delete("one");
        store.Delete("one");

        Assert.Null(store.Latest("one"));
        Assert.Equal("2"u8, store.Latest("two"));
        Assert.Throws<ArgumentException>(() => store.Delete(".."));
    }
}
