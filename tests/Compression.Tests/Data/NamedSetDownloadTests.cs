using System.Security.Cryptography;
using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tests.Data;

public sealed class NamedSetDownloadTests : TestFolder, IAsyncDisposable
{
    private static readonly (string Name, byte[] Bytes)[] Files =
    [
        ("train-images-idx3-ubyte.gz", TinySets.Gzip(TinySets.IdxImages(12))), ("train-labels-idx1-ubyte.gz", TinySets.Gzip(TinySets.IdxLabels(12))),
        ("t10k-images-idx3-ubyte.gz", TinySets.Gzip(TinySets.IdxImages(6))), ("t10k-labels-idx1-ubyte.gz", TinySets.Gzip(TinySets.IdxLabels(6))),
    ];

    private readonly LoopbackPublisher publisher = new();
    private readonly HttpClient client = new();
    private readonly List<string> said = [];
    private readonly NamedSet set;

    public NamedSetDownloadTests()
    {
        foreach (var (name, bytes) in Files)
            publisher.Offer(name, bytes);
        set = new(
            "tiny", "idx", 3, In("package"), "dataset-tiny",
            [.. Files.Select(file => new RemoteFile(publisher.Address(file.Name), file.Bytes.Length, Convert.ToHexStringLower(SHA256.HashData(file.Bytes))))]);
    }

    private string Cached => In("cache/tiny");

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await publisher.DisposeAsync();
        Dispose();
    }

    [Fact]
    public async Task Every_file_is_fetched_checked_and_said()
    {
        await Fetch();

        Assert.Equal(Files.Select(file => file.Name).Order(), Directory.GetFiles(Cached).Select(Path.GetFileName).Order());
        Assert.Equal(12, TinySets.Read("idx", Cached).Images.Count);
        Assert.Equal($"Downloading tiny to {Cached}, 0.0 MB from 127.0.0.1", said[0]);
        Assert.Equal(Files.Select(file => $"  {file.Name}: 0.0 MB, SHA-256 as published"), said.Skip(1));
    }

    [Fact]
    public async Task What_is_there_already_is_not_fetched_again()
    {
        Directory.CreateDirectory(Cached);
        File.WriteAllBytes(Path.Combine(Cached, "train-images-idx3-ubyte"), TinySets.IdxImages(12));
        File.WriteAllText(Path.Combine(Cached, "train-labels-idx1-ubyte.gz.part"), "left by a killed process, and longer than the file itself is in the end");

        await Fetch();

        Assert.Equal(Files.Skip(1).Select(file => "/" + file.Name), publisher.Asked);
        Assert.Equal(12, TinySets.Read("idx", Cached).Images.Count);
        Assert.Empty(Directory.GetFiles(Cached, "*.part"));
    }

    [Fact]
    public async Task A_file_with_another_hash_is_not_kept()
    {
        byte[] other = [.. Files[1].Bytes];
        other[^1] ^= 1;
        publisher.Offer(Files[1].Name, other);

        await Refuses(
            $"{publisher.Address(Files[1].Name)} has the SHA-256 {Convert.ToHexStringLower(SHA256.HashData(other))}, the published file {set.Downloads[1].Sha256}. It was not kept.",
            kept: [Files[0].Name]);
    }

    [Fact]
    public async Task A_file_that_breaks_off_is_not_kept()
    {
        publisher.Offer(Files[0].Name, Files[0].Bytes[..^5], stated: Files[0].Bytes.Length);
        await Refuses($"{publisher.Address(Files[0].Name)} broke off: ", kept: []);

        publisher.Offer(Files[0].Name, Files[0].Bytes[..^5]);
        await Refuses($"{publisher.Address(Files[0].Name)} broke off after {Files[0].Bytes.Length - 5} of {Files[0].Bytes.Length} bytes.", kept: []);
    }

    [Fact]
    public async Task A_file_that_is_longer_than_the_published_one_is_not_kept()
    {
        publisher.Offer(Files[0].Name, [.. Files[0].Bytes, .. new byte[100_000]]);
        await Refuses($"{publisher.Address(Files[0].Name)} is longer than the {Files[0].Bytes.Length} bytes of the published file.", kept: []);
    }

    [Fact]
    public async Task A_file_that_is_not_there_and_a_server_that_is_not_there_are_named()
    {
        publisher.Offer(Files[2].Name, [], status: "404 Not Found");
        await Refuses($"{publisher.Address(Files[2].Name)} answered 404 Not Found.", kept: [Files[0].Name, Files[1].Name]);

        await publisher.DisposeAsync();
        await Refuses($"{set.Downloads[2].Address}: Connection refused", kept: [Files[0].Name, Files[1].Name]);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        publisher.Stalls = true;
        publisher.Offer(Files[0].Name, Files[0].Bytes[..10], stated: Files[0].Bytes.Length);
        await Refuses($"{publisher.Address(Files[0].Name)} sent nothing for 0 seconds.", kept: [], TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task A_download_that_is_cancelled_leaves_nothing_half()
    {
        publisher.Stalls = true;
        publisher.Offer(Files[0].Name, Files[0].Bytes[..10], stated: Files[0].Bytes.Length);
        using var stop = new CancellationTokenSource();
        var download = new NamedSetDownload(client, said.Add).Fetch(set, In("cache"), stop.Token);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (publisher.Asked.Count == 0)
            await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
        Assert.Empty(Directory.GetFiles(Cached));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        File.WriteAllText(In("cache"), "a file");
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch());
        Assert.Contains(In("cache"), fault.Message[fault.Message.IndexOf("The download failed:", StringComparison.Ordinal)..]);
    }

    private Task Fetch(TimeSpan? patience = null) =>
        new NamedSetDownload(client, said.Add, patience).Fetch(set, In("cache"), TestContext.Current.CancellationToken);

    private async Task Refuses(string reason, string[] kept, TimeSpan? patience = null)
    {
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(patience));

        Assert.Contains($" The download failed: {reason}", fault.Message);
        Assert.StartsWith($"Data set tiny is not on this machine: looked in {In("package")} (no such folder) and {Cached} (without ", fault.Message);
        Assert.EndsWith(
            " To get it, install the package (sudo apt install dataset-tiny), put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
            + $"t10k-labels-idx1-ubyte (as they are or with .gz) into {Cached}, or set data.path to the folder that has them.", fault.Message);
        Assert.Equal(kept.Order(), Directory.GetFiles(Cached).Select(Path.GetFileName).Order());
    }
}
