using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>What <c>gc</c> finds and deletes where the records are in a real Redis, beside silos that run.</summary>
public sealed class RedisGarbageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Gc_deletes_what_a_changed_and_a_removed_sweep_leave_and_the_tables_of_the_others_stay()
    {
        Assert.SkipWhen(RedisServer.WhyNot is not null, RedisServer.WhyNot ?? "");
        await using var redis = await RedisServer.Start(Path.Combine(folder.Path, "redis"));
        await using var cluster = new SiloCluster(folder.Path, "--redis", redis.Address);
        await cluster.Start(["a", "b"]);
        await Run(cluster, "kept", Specs.Quick("max", "kept"));
        await Run(cluster, "other", Specs.Quick("max, mse", "other"));
        var (kept, before) = (await cluster.Result("kept"), await cluster.Result("other"));

        // Of a sweep that was changed: the two variants by mse, of which calibration, export and evaluation are their own.
        await Run(cluster, "other", Specs.Quick("max", "other"));
        Assert.Empty(await Collect(cluster));
        var found = await Collect(cluster, "--stale");
        Assert.Equal(Hashes(before).Except(Hashes(kept)).Order(StringComparer.Ordinal), found);
        Assert.NotEmpty(found);
        Assert.All(Hashes(before), hash => Assert.True(File.Exists(Artifact(cluster, hash))));

        Assert.Equal(found, await Collect(cluster, "--stale", "--delete"));

        Assert.All(found, hash => Assert.False(File.Exists(Artifact(cluster, hash))));
        await SameTable(cluster, kept, "kept");
        await SameTable(cluster, kept, "other");
        Assert.Empty(await Collect(cluster, "--stale", "--delete"));

        // Given up, so it is made again, and the same.
        await Run(cluster, "other", Specs.Quick("max, mse", "other"));
        await SameTable(cluster, before, "other");

        // Of a sweep that was removed.
        Assert.Equal(found, await Collect(cluster, "--forget", "other", "--stale", "--delete"));
        await SameTable(cluster, kept, "kept");
        await using var list = await cluster.Client(0, "ls", "--json");
        Assert.Equal(["kept"], list.Document.EnumerateArray().Select(sweep => sweep.GetProperty("sweep").GetString()));
        Assert.False(File.Exists(Path.Combine(cluster.Grid, "grid.db")));
    }

    private async Task Run(SiloCluster cluster, string name, string spec)
    {
        folder.Write($"{name}.yaml", spec);
        await using var submitted = await cluster.Client(0, "submit", $"{name}.yaml", "--watch");
    }

    /// <summary>Hashes of the artifacts that are not needed, or were deleted, of whatever age; in order.</summary>
    private static async Task<string[]> Collect(SiloCluster cluster, params string[] options)
    {
        await using var gc = await cluster.Client(0, ["gc", "--age", "00:00:00", "--json", .. options]);
        return [.. gc.Document.GetProperty("files").EnumerateArray().Select(file => Path.GetFileName(file.GetProperty("path").GetString()!)).Order(StringComparer.Ordinal)];
    }

    private static async Task SameTable(SiloCluster cluster, SweepRun before, string sweep)
    {
        var now = await cluster.Result(sweep);
        Assert.Equal(before.Artifacts, now.Artifacts);
        Assert.All(Hashes(now), hash => Assert.True(File.Exists(Artifact(cluster, hash))));
    }

    private static string[] Hashes(SweepRun run) => [.. run.Artifacts.Select(artifact => artifact[^64..]).Distinct()];

    private static string Artifact(SiloCluster cluster, string hash) => Path.Combine(cluster.Grid, "artifacts", hash[..2], hash);
}
