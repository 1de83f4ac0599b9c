using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.States;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Grains.Variants;

namespace SparseGrid.Grains.Tests.States;

public sealed class StoredStateTests
{
    public static TheoryData<string, Type> Former => new()
    {
        { "stage", typeof(StageState) }, { "stage-leased", typeof(StageState) }, { "variant", typeof(VariantState) }, { "variant-running", typeof(VariantState) },
        { "result", typeof(ResultState) }, { "sweep", typeof(SweepRecord) }, { "sweep-active", typeof(SweepRecord) }, { "sweep-failed", typeof(SweepRecord) },
        { "sweep-index", typeof(SweepIndexRecord) },
    };

    public static TheoryData<string, Type> Records => new()
    {
        { "stage", typeof(StageState) }, { "variant", typeof(VariantState) }, { "result", typeof(ResultState) }, { "sweep", typeof(SweepRecord) }, { "sweep index", typeof(SweepIndexRecord) },
    };

    [Theory]
    [MemberData(nameof(Former))]
    public void A_record_that_was_written_before_there_were_versions_is_read_and_written_again_with_all_its_members(string file, Type type)
    {
        var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(Text(file), type, StoredStates.Json), type, StoredStates.Json)!.AsObject();

        Assert.Equal(Current(type).Version, (int?)written[StoredStateJson.Member]);
        var former = JsonNode.Parse(Text(file))!.AsObject();
        Assert.Empty(Lost(former, written, ""));
    }

    [Fact]
    public void What_a_former_stage_result_and_sweep_held_is_there()
    {
        var stage = Read<StageState>("stage").Record!;
        Assert.Equal(("prune", 8, 2), (stage.Kind, stage.Numbers["layers_pruned"], stage.Notes.Length));
        Assert.EndsWith("/1", Read<StageState>("stage-leased").Owner);
        var result = Read<ResultState>("result").Result!;
        Assert.Equal((VariantKind.Ptq, 7, "collect"), (result.Recipe.Kind, result.Stages.Length, result.Recipe.Stages[0].Kind));
        var sweep = Read<SweepRecord>("sweep-failed");
        Assert.Equal((SweepState.Finished, "quick", "The disk is full.", 9), (sweep.State, sweep.Spec!.Sweep, sweep.Failures[1], sweep.Executed.Count));
        Assert.Equal([2, 3, 3, 2], sweep.Trials);
        Assert.Equal([("long", true), ("quick", false)], Read<SweepIndexRecord>("sweep-index").Sweeps.Select(known => (known.Key, known.Value)));
        Assert.True(Read<VariantState>("variant-running").Running);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void The_version_is_the_first_member_that_is_written(string record, Type type)
    {
        var text = JsonSerializer.Serialize(Activator.CreateInstance(type), type, StoredStates.Json);

        Assert.StartsWith($$"""{"Schema":{{Current(type).Version}},""", text);
        Assert.Equal(record, Current(type).Record);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_newer_record_is_refused_by_name_even_where_nothing_else_of_it_can_be_read(string record, Type type)
    {
        var version = Current(type).Version;
        string[] newer =
        [
            $$"""{"Schema":{{version + 1}},"Record":[1,2],"Trials":{"a":true},"Sweeps":"none","Epoch":"first","Result":5}""",
            $$"""{"Record":[{"Schema":0}],"Trials":{},"Sweeps":7,"Epoch":[],"Result":5,"Schema":{{version + 1}}}""",
            """{"Schema":"2b"}""",
        ];
        foreach (var text in newer)
        {
            var refused = Assert.Throws<NewerStateException>(() => JsonSerializer.Deserialize(text, type, StoredStates.Json));
            Assert.Contains($"A stored {record} record is of schema version", refused.Message);
            Assert.Contains($"versions up to {version}: ", refused.Message);
        }
    }

    [Fact]
    public async Task A_newer_record_is_left_as_it_is_by_a_grain_that_is_asked_to_write_it()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("newer");
        var payload = Encoding.UTF8.GetBytes($$"""{"Schema":{{Current(typeof(SweepRecord)).Version + 1}},"Pages":[1]}""");
        grid.Storage.Put("sweep", sweep.GetGrainId(), payload);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => sweep.Submit(Specs.Tree("newer", "max")));

        Assert.Contains("a newer one has written it, and it was left as it is", refused.ToString());
        Assert.Equal(payload, grid.Storage.Stored("sweep", sweep.GetGrainId()));
    }

    [Fact]
    public async Task A_stage_whose_record_is_newer_fails_its_variant_with_what_the_record_says()
    {
        string key;
        await using (var grid = await TestGrid.Start())
        {
            await grid.Sweep("newer").Submit(Specs.Tree("newer", "max"));
            await Until.Ended(grid.Sweep("newer"));
            key = (await grid.Sweep("newer").Rows(0, 1))[0].Result!.Stages[0].Key;
        }

        await using var later = await TestGrid.Start();
        later.Storage.Put("stage", later.Grains.GetGrain<IStageGrain>(key).GetGrainId(), Encoding.UTF8.GetBytes("""{"Schema":99,"Record":[]}"""));
        await later.Sweep("newer").Submit(Specs.Tree("newer", "max"));

        Assert.Equal(4, (await Until.Ended(later.Sweep("newer"))).Failed);
        var row = (await later.Sweep("newer").Rows(0, 1))[0];
        Assert.Equal(FailureClass.BadInput, row.FailureClass);
        Assert.StartsWith("A stored stage record is of schema version 99, and this program knows versions up to 1", row.Failure);
    }

    [Fact]
    public async Task A_sweep_of_a_former_version_is_shown_and_its_results_are_read()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("quick");
        grid.Storage.Put("sweep", sweep.GetGrainId(), Encoding.UTF8.GetBytes(Text("sweep-failed")));

        var status = await sweep.Status();

        Assert.Equal((SweepState.Finished, 4, 2, 2), (status.State, status.Trials, status.Finished, status.Failed));
        Assert.Equal("The disk is full.", (await sweep.Rows(0, 4))[1].Failure);
    }

    private static StateSchemaAttribute Current(Type type) => type.GetCustomAttributes(false).OfType<StateSchemaAttribute>().Single();

    private static string Text(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "States", "version-0", $"{file}.json"));

    private static T Read<T>(string file) => JsonSerializer.Deserialize<T>(Text(file), StoredStates.Json)!;

    /// <summary>Members that were there and are not, or have another value. New ones may have come.</summary>
    private static IEnumerable<string> Lost(JsonNode? before, JsonNode? after, string path) => (before, after) switch
    {
        (JsonObject left, JsonObject right) => left.SelectMany(member => Lost(member.Value, right[member.Key], $"{path}/{member.Key}")),
        (JsonArray left, JsonArray right) when left.Count == right.Count => left.Zip(right).SelectMany((pair, i) => Lost(pair.First, pair.Second, $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(before, after) ? [] : [$"{path}: {before} → {after}"],
    };
}
