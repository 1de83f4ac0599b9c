using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>What <c>why</c> and <c>gc</c> say of a real sweep's folder.</summary>
public sealed class WhyAndGcTests(QuickGridFixture quick) : IClassFixture<QuickGridFixture>, IDisposable
{
    private readonly TemporaryFolder copy = new();

    public void Dispose() => copy.Dispose();

    [Fact]
    public async Task Why_shows_the_inputs_of_a_variant_by_path_row_or_id_with_the_keys_that_the_run_told()
    {
        await using var why = await SparseGridProcess.Run(quick.Folder, "why", "quick", "dense/sparse/ptq mse", "--json");
        Assert.Equal(0, why.ExitCode);
        var origin = why.Document.GetProperty("origin");
        var row = quick.Run.Rows.Single(row => row.GetProperty("path").GetString() == "dense/sparse/ptq mse");
        var told = row.GetProperty("result").GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("key").GetString());
        Assert.Equal(told, origin.GetProperty("stages").EnumerateArray().Where(stage => stage.GetProperty("path").GetString() == "dense/sparse/ptq mse").Select(stage => stage.GetProperty("key").GetString()));
        Assert.Equal(JsonValueKind.Null, why.Document.GetProperty("former").ValueKind);

        await using var text = await SparseGridProcess.Run(quick.Folder, "why", "quick", row.GetProperty("variant").GetString()![..8]);
        Assert.StartsWith("dense/sparse/ptq mse (", text.Output);
        Assert.Contains("  calibrate ", text.Output);
        Assert.Contains("made for this sweep, by embedded", text.Output);
    }

    [Fact]
    public async Task Why_names_the_first_difference_of_two_variants_and_the_nearest_of_an_unknown_one()
    {
        await using var two = await SparseGridProcess.Run(quick.Folder, "why", "quick", "dense/ptq max", "dense/ptq mse");
        Assert.Contains("First difference, left → right: calibrate of dense/ptq max: calibrate.method: \"max\" → \"mse\"", two.Output);

        await using var unknown = await SparseGridProcess.Run(quick.Folder, "why", "quick", "dense/ptq maxx");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("'dense/ptq max'", Assert.Single(unknown.ErrorLines));

        await using var none = await SparseGridProcess.Run(quick.Folder, "why", "quik", "0");
        Assert.Equal((2, "There is no sweep 'quik' in .sparsegrid; did you mean quick?"), (none.ExitCode, Assert.Single(none.ErrorLines)));
    }

    [Fact]
    public async Task Gc_deletes_what_was_left_behind_and_nothing_that_a_result_needs()
    {
        CopyGrid();
        var stray = Path.Combine(copy.Path, "grid", "artifacts", "ab", "ab".PadRight(64, '0'));
        Directory.CreateDirectory(Path.GetDirectoryName(stray)!);
        File.WriteAllText(stray, "stray");

        await using (var shown = await SparseGridProcess.Run(copy.Path, "gc", "--folder", "grid", "--age", "00:00:00"))
        {
            Assert.Equal(0, shown.ExitCode);
            Assert.Contains("artifacts that no record names      1", shown.Output);
            Assert.EndsWith("Nothing was deleted. Delete it: sparsegrid gc --folder grid --age 00:00:00 --delete", shown.Output.TrimEnd());
            Assert.True(File.Exists(stray));
        }

        await using (var deleted = await SparseGridProcess.Run(copy.Path, "gc", "--folder", "grid", "--age", "00:00:00", "--delete", "--json"))
            Assert.Single(deleted.Document.GetProperty("files").EnumerateArray());

        Assert.False(File.Exists(stray));
        var hashes = quick.Run.Artifacts.Select(artifact => artifact[^64..]).Distinct();
        Assert.All(hashes, hash => Assert.True(File.Exists(Path.Combine(copy.Path, "grid", "artifacts", hash[..2], hash))));
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_refused_in_one_line_by_the_grid_and_by_gc()
    {
        CopyGrid();
        using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(copy.Path, "grid", "grid.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "UPDATE GrainState SET Payload = CAST('{\"Schema\":99,\"Spec\":[]}' AS BLOB) WHERE GrainType = 'sweep'";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        await using var why = await SparseGridProcess.Run(copy.Path, "why", "quick", "0", "--folder", "grid");
        Assert.Equal(2, why.ExitCode);
        Assert.Contains("A stored sweep record is of schema version 99", Assert.Single(why.ErrorLines));
        await using var gc = await SparseGridProcess.Run(copy.Path, "gc", "--folder", "grid", "--delete");
        Assert.Equal(2, gc.ExitCode);
        Assert.StartsWith("The sweep record quick cannot be read (A stored sweep record is of schema version 99", Assert.Single(gc.ErrorLines));
    }

    private void CopyGrid()
    {
        foreach (var file in Directory.EnumerateFiles(quick.GridFolder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.Path, "grid", Path.GetRelativePath(quick.GridFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
