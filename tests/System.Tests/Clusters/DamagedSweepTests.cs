using Microsoft.Data.Sqlite;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>A sweep whose record was damaged from outside, beside others that were not.</summary>
public sealed class DamagedSweepTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Ls_tells_of_the_others_and_names_the_one_that_cannot_be_read()
    {
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"]);
        foreach (var name in (string[])["kept", "other"])
        {
            folder.Write($"{name}.yaml", Specs.Quick("max", name));
            await using var submitted = await cluster.Client(0, "submit", $"{name}.yaml", "--watch");
        }

        cluster.Signal("a", "TERM");
        Assert.Equal(0, (await cluster.Gone("a")).ExitCode);
        Damage("other");
        await cluster.Start(["b"]);

        await using (var list = await cluster.Client(2, "ls"))
        {
            Assert.Contains("kept   Finished", list.Output);
            Assert.DoesNotContain("other", list.Output);
            Assert.StartsWith("other cannot be read: sweep/other: A stored sweep record is of schema version 99", Assert.Single(list.ErrorLines));
        }

        await using (var list = await cluster.Client(2, "ls", "--json"))
            Assert.Equal(["kept"], list.Document.EnumerateArray().Select(sweep => sweep.GetProperty("sweep").GetString()));
        // Names are told without a look at the sweeps themselves.
        await using var unknown = await cluster.Client(2, "show", "absent");
        Assert.Equal("There is no sweep 'absent'; there are kept, other.", Assert.Single(unknown.ErrorLines));
    }

    private void Damage(string sweep)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "grid", "grid.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = $"UPDATE GrainState SET Payload = CAST('{{\"Schema\":99,\"Spec\":[]}}' AS BLOB) WHERE GrainType = 'sweep' AND KeyText LIKE '%{sweep}%'";
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
