using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SparseGrid.Grains.Stages;
using SparseGrid.Silo.Embedding;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Tests.Storage;

/// <summary>Our own grain storage on SQLite: reads and writes what Orleans' ADO.NET provider does, in groups.</summary>
public sealed class SqliteProviderTests
{
    // Texts that read as a GUID, as an integer in hexadecimal, as neither; what follows a plus belongs to the number.
    private static readonly GrainId[] Places =
    [
        GrainId.Create("stage", new string('a', 64)), GrainId.Create("stage", new string('b', 32)), GrainId.Create("sweep", "beef"), GrainId.Create("sweep", "beef+1"),
        GrainId.Create("sweep", "night-run"), GrainId.Create("sweep-page", "beef.0"), GrainId.Create("sweep-index", "0"), GrainId.Create("x", Guid.Empty.ToString("n") + "+ext"),
    ];

    [Fact]
    public async Task A_folder_of_the_ADO_NET_provider_is_read_and_written_on_and_the_other_way_round()
    {
        using var folder = new TestFolder();
        await Write(folder, AdoNet(folder), "ado", before: null);
        await Write(folder, [], "own", before: "ado");
        await Write(folder, AdoNet(folder), "ado again", before: "own");
        Assert.Equal((long)Places.Length, Rows(folder));
    }

    [Fact]
    public async Task Of_writes_that_are_committed_together_each_has_its_own_verdict()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        var random = new Random(7);
        var states = Enumerable.Range(0, 400).Select(_ => State("first")).ToArray();
        await Task.WhenAll(states.Select((state, i) => storage.WriteStateAsync("stage", IdOf(i), state)));

        var stale = states.Select(_ => random.Next(3) == 0).ToArray();
        for (var i = 0; i < states.Length; i++)
            states[i] = new(new(null, "second", default)) { ETag = stale[i] ? "17" : states[i].ETag };
        var verdicts = await Task.WhenAll(states.Select(async (state, i) =>
        {
            try
            {
                await storage.WriteStateAsync("stage", IdOf(i), state);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Equal(stale.Select(isStale => !isStale), verdicts);
        for (var i = 0; i < states.Length; i++)
        {
            var read = new GrainState<StageState>();
            await storage.ReadStateAsync("stage", IdOf(i), read);
            Assert.Equal(stale[i] ? "first" : "second", read.State!.Owner);
        }
    }

    [Fact]
    public async Task Two_processes_that_write_one_file_lose_nothing_and_one_of_two_writes_of_a_state_wins()
    {
        using var folder = new TestFolder();
        var connection = SqliteSchema.Install(Path.Combine(folder.Path, "grid.db"));
        var key = StateKey.Of("sweep", GrainId.Create("sweep", "shared"));
        using var one = new SqliteWriter(connection, "test");
        using var two = new SqliteWriter(connection, "test");

        for (var round = 0L; round < 50; round++)
        {
            long? version = round == 0 ? null : round;
            var own = Enumerable.Range(0, 8).SelectMany(i => new[] { (one, $"one-{round}-{i}"), (two, $"two-{round}-{i}") })
                .Select(place => place.Item1.Write(new(SqliteStatement.Write, StateKey.Of("stage", GrainId.Create("stage", place.Item2)), new byte[1000], null)));
            var raced = new[] { one, two }.Select(writer => writer.Write(new(SqliteStatement.Write, key, new byte[10], version))).ToArray();

            Assert.All(await Task.WhenAll(own), written => Assert.Equal(1, written));
            Assert.Single(await Task.WhenAll(raced), written => written == round + 1);
        }

        Assert.Equal(50 * 16L + 1, Rows(folder));
    }

    [Fact]
    public async Task A_write_that_the_database_refuses_fails_alone()
    {
        using var folder = new TestFolder();
        var connection = SqliteSchema.Install(Path.Combine(folder.Path, "grid.db"));
        using (var open = new SqliteConnection(connection))
        {
            open.Open();
            using var command = new SqliteCommand(
                "CREATE TRIGGER refuse BEFORE INSERT ON GrainState WHEN new.KeyText = 'refused' BEGIN SELECT raise(ABORT, 'refused'); END", open);
            command.ExecuteNonQuery();
        }

        using var writer = new SqliteWriter(connection, "test");
        var writes = Enumerable.Range(0, 20).Select(i => writer.Write(new(
            SqliteStatement.Write, StateKey.Of("stage", GrainId.Create("stage", i == 7 ? "refused" : $"taken-{i}")), new byte[10], null))).ToArray();

        await Assert.ThrowsAsync<SqliteException>(() => writes[7]);
        Assert.All(await Task.WhenAll(writes.Where((_, i) => i != 7)), version => Assert.Equal(1, version));

        // One that nobody writes beside.
        await Assert.ThrowsAsync<SqliteException>(() => writer.Write(new(SqliteStatement.Write, StateKey.Of("stage", GrainId.Create("stage", "refused")), new byte[10], null)));
        Assert.Equal(1, await writer.Write(new(SqliteStatement.Write, StateKey.Of("stage", GrainId.Create("stage", "taken after it")), new byte[10], null)));
        SqliteConnection.ClearAllPools();
    }

    private static async Task Write(TestFolder folder, Dictionary<string, string?> settings, string owner, string? before)
    {
        await using var silo = await EmbeddedSilo.StartAsync(new() { Folder = folder.Path, Settings = settings });
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        foreach (var place in Places)
        {
            var state = new GrainState<StageState>();
            await storage.ReadStateAsync("place", place, state);
            Assert.Equal((before is not null, before), (state.RecordExists, state.State?.Owner));
            state.State = new(null, owner, default);
            await storage.WriteStateAsync("place", place, state);
        }
    }

    private static Dictionary<string, string?> AdoNet(TestFolder folder) => new()
    {
        ["Orleans:GrainStorage:Default:ProviderType"] = "AdoNet",
        ["Orleans:GrainStorage:Default:Invariant"] = SqliteSchema.Invariant,
        ["Orleans:GrainStorage:Default:ConnectionString"] = SqliteSchema.ConnectionString(Path.Combine(folder.Path, "grid.db")),
    };

    private static long Rows(TestFolder folder)
    {
        using var connection = new SqliteConnection(SqliteSchema.ConnectionString(Path.Combine(folder.Path, "grid.db")));
        connection.Open();
        using var command = new SqliteCommand("SELECT count(*) FROM GrainState WHERE Payload IS NOT NULL AND GrainType IN ('place', 'stage', 'sweep')", connection);
        return (long)command.ExecuteScalar()!;
    }

    private static GrainId IdOf(int i) => GrainId.Create("stage", $"key-{i}");

    private static GrainState<StageState> State(string owner) => new(new(null, owner, default));
}
