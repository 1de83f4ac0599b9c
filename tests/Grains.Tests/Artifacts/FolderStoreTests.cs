using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Tests.Doubles;

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
    public async Task An_artifact_that_collections_put_aside_again_and_again_is_served_all_the_same()
    {
        var store = new FolderArtifactStore(root);
        store.Put("abc"u8);
        using var enough = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
                FolderArtifactStore.PutAside(store.Locate(Abc));
        }, CancellationToken.None);

        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal("abc"u8, store.Get(Abc));
            Assert.True(store.Holds(Abc));
            Assert.Equal(3, store.SizeOf(Abc));
            if (i % 10 == 0)
                Assert.Equal(Abc, store.Put("abc"u8));
        }

        await enough.CancelAsync();
        await collecting;
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
    public void A_checkpoint_that_is_passed_over_is_named_in_the_log_with_its_fault()
    {
        var log = new RecordedLog<FolderCheckpointStore>();
        var store = new FolderCheckpointStore(root, log);
        store.Save("k", 1, "first"u8);
        store.Save("k", 2, "second"u8);
        var files = Directory.GetFiles(Path.Combine(root, "checkpoints", "k")).Order().ToArray();

        File.WriteAllBytes(files[1], File.ReadAllBytes(files[1])[..^2]);
        Assert.Equal("first"u8, store.Latest("k")!);
        Assert.Equal(
            $"Warning: Checkpoint {files[1]} is passed over: it holds 4 bytes, and its header says 6. "
            + "The one before it is tried; where there is none, the stage starts over and makes the same files",
            Assert.Single(log.Lines));

        File.WriteAllBytes(files[0], [.. File.ReadAllBytes(files[0])[..^1], (byte)'?']);
        Assert.Null(store.Latest("k"));
        Assert.Contains($"{files[0]} is passed over: its 5 bytes do not have the SHA-256", log.Lines[^1]);
        File.WriteAllBytes(files[0], []);
        Assert.Null(store.Latest("k"));
        Assert.Contains($"{files[0]} is passed over: its 0 bytes do not begin with", log.Lines[^1]);
    }

    [Fact]
    public void A_damaged_checkpoint_does_not_take_the_place_of_a_whole_one()
    {
        var store = new FolderCheckpointStore(root);
        foreach (var step in (long[])[30, 40])
            store.Save("k", step, BitConverter.GetBytes(step));
        File.WriteAllBytes(Path.Combine(root, "checkpoints", "k", $"{40:d19}.ckpt"), []);
        Assert.Equal(BitConverter.GetBytes(30L), store.Latest("k"));

        foreach (var step in (long[])[33, 36])
            store.Save("k", step, BitConverter.GetBytes(step));

        var files = Directory.GetFiles(Path.Combine(root, "checkpoints", "k")).Order().ToArray();
        Assert.Equal([$"{33:d19}.ckpt", $"{36:d19}.ckpt"], files.Select(Path.GetFileName));
        File.WriteAllBytes(files[1], []);
        Assert.Equal(BitConverter.GetBytes(33L), store.Latest("k"));
    }

    [Fact]
    public void A_file_that_nobody_can_read_and_one_of_another_name_are_passed_over()
    {
        var log = new RecordedLog<FolderCheckpointStore>();
        var store = new FolderCheckpointStore(root, log);
        store.Save("k", 1, "first"u8);
        var folder = Path.Combine(root, "checkpoints", "k");
        File.WriteAllText(Path.Combine(folder, "notes.ckpt"), "mine");

        // A link to itself: not even root can open it.
        File.CreateSymbolicLink(Path.Combine(folder, $"{9:d19}.ckpt"), $"{9:d19}.ckpt");
        Assert.Equal("first"u8, store.Latest("k")!);
        Assert.Single(log.Lines);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_those_before_it_and_no_temporary_file()
    {
        var store = new FolderCheckpointStore(root);
        store.Save("k", 1, "first"u8);

        // A folder stands where the file is to go, so the rename fails: the last thing that can.
        var folder = Path.Combine(root, "checkpoints", "k");
        Directory.CreateDirectory(Path.Combine(folder, $"{2:d19}.ckpt", "inside"));
        var refused = Record.Exception(() => store.Save("k", 2, "second"u8));

        Assert.True(refused is IOException or UnauthorizedAccessException, $"{refused}");
        Assert.Contains(folder, refused!.Message);
        Assert.Equal("first"u8, store.Latest("k")!);
        Assert.Equal([Path.Combine(folder, $"{1:d19}.ckpt")], Directory.GetFiles(folder));
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
        Assert.Equal("2"u8, store.Latest("two")!);
        Assert.Throws<ArgumentException>(() => store.Delete(".."));
    }
}
