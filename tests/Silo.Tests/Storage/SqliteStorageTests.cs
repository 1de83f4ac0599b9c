using System.Collections.Immutable;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Tests.Storage;

public sealed class SqliteStorageTests
{
    [Fact]
    public async Task A_state_is_written_read_and_cleared_and_every_stale_etag_is_a_conflict()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        var id = GrainId.Create("stage", "k1");
        var (mine, other) = (State("a/1"), State("b/1"));

        await storage.WriteStateAsync("stage", id, mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("stage", id, other));
        await storage.ReadStateAsync("stage", id, other);
        Assert.Equal(("a/1", true), (other.State!.Owner, other.RecordExists));

        other.State = other.State with { Owner = "b/1" };
        await storage.WriteStateAsync("stage", id, other);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("stage", id, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("stage", id, mine));

        await storage.ClearStateAsync("stage", id, other);
        await storage.ReadStateAsync("stage", id, mine);
        Assert.False(mine.RecordExists);
        mine.State = new(null, "c/1", default);
        await storage.WriteStateAsync("stage", id, mine);
        await storage.ReadStateAsync("stage", id, other);
        Assert.Equal("c/1", other.State!.Owner);

        var invented = State("d/1");
        invented.ETag = "7";
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("stage", GrainId.Create("stage", "k2"), invented));
    }

    [Fact]
    public async Task A_result_comes_back_as_it_was_and_its_text_names_no_type_of_the_runtime()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        var id = GrainId.Create("result", "r1");
        var result = Result();

        await storage.WriteStateAsync("result", id, new GrainState<ResultState>(new(result)));
        var read = new GrainState<ResultState>();
        await storage.ReadStateAsync("result", id, read);

        var back = read.State!.Result!;
        Assert.Equal(result.Recipe with { Stages = [] }, back.Recipe with { Stages = [] });
        Assert.Equal(result.Recipe.Stages.ToArray(), back.Recipe.Stages.ToArray());
        Assert.Equal(result.Stages[0].Artifacts, back.Stages[0].Artifacts);
        Assert.Equal(result.Stages[0].Numbers, back.Stages[0].Numbers);
        Assert.Equal(result.Stages[0].Provenance, back.Stages[0].Provenance);
        Assert.Equal((result.Validation, result.Test, result.Latency, result.FileBytes), (back.Validation, back.Test, back.Latency, back.FileBytes));
        Assert.Equal(result.Sparsity.ToArray(), back.Sparsity.ToArray());
        var text = Payload(folder.Path, "r1");
        Assert.DoesNotContain("SparseGrid.", text);
        Assert.DoesNotContain("System.", text);
        Assert.DoesNotContain("$type", text);
        Assert.Contains("\"stage\":\"train\"", text);
    }

    [Fact]
    public async Task A_sweep_has_a_reminder_while_it_is_active_and_none_after()
    {
        using var folder = new TestFolder();
        using var hold = new ManualResetEventSlim();
        folder.Runner.Before = (_, stop) => hold.Wait(stop);
        await using var silo = await folder.Start();
        var sweep = silo.Grains.GetGrain<ISweepGrain>("reminded");

        await sweep.Submit(Specs.Tree("reminded", "max"));
        Assert.Equal(1L, Scalar(folder.Path, "SELECT count(*) FROM Reminder WHERE Name = 'sweep' AND GrainId = 'sweep/reminded'"));

        hold.Set();
        await Until.Ended(sweep);
        await Until.True(() => Scalar(folder.Path, "SELECT count(*) FROM Reminder") is 0L);
    }

    [Fact]
    public void Installing_again_changes_nothing_and_the_file_is_in_wal_mode()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "grid.db");

        SqliteSchema.Install(file);
        SqliteSchema.Install(file);

        Assert.Equal("wal", Scalar(folder.Path, "PRAGMA journal_mode"));
        Assert.Equal(20L, Scalar(folder.Path, "SELECT count(*) FROM OrleansQuery"));
        SqliteConnection.ClearAllPools();
    }

    private static GrainState<StageState> State(string owner) => new(new(null, owner, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private static VariantResult Result()
    {
        var recipe = new Recipe(
            VariantKind.Qat, new VariantId(new('a', 64)), new("resnet8", 4), new("digits-csv", new('d', 64), 0.1, 0.2, 3), new(1, "2.10.0", "cpu", "fp32", "eager", 1),
            [new TrainStage(new(2, Momentum: 0, WeightDecay: 0)), new CalibrateStage("percentile", 99.99, "ort"), new ExportStage(13, "fold", new())], 5);
        var record = new StageRecord(
            new('k', 64), "train", ImmutableSortedDictionary<string, string>.Empty.Add("weights", new('w', 64)),
            ImmutableSortedDictionary<string, double>.Empty.Add("loss", double.NaN).Add("peak", double.PositiveInfinity), ["one note"],
            new("cpu", "machine", "silo", "versions", new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(1.5)));
        var accuracy = new Accuracy(0.97, 300, double.NaN, 2, -0.01, -0.02, 0.005, 0.25, 0.94, 0.985, 5, 2, 1);
        return new(new(new('b', 64)), recipe, [record], accuracy, accuracy with { Top1 = 0 }, new(1, 1, 300, 0, 0, 0, 0), 1234, [new("c1", "8x4x3x3", 288, 144, true, true, false, "")]);
    }

    private static string Payload(string folder, string key)
    {
        var payload = Scalar(folder, $"SELECT Payload FROM GrainState WHERE KeyText LIKE '%{key}%'");
        return payload is byte[] bytes ? Encoding.UTF8.GetString(bytes) : throw new InvalidDataException($"payload is {payload}");
    }

    private static object? Scalar(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "grid.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
