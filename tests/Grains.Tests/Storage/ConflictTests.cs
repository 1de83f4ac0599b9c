using System.Collections.Concurrent;
using System.Text.Json;
using Orleans.Storage;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Storage;

/// <summary>
/// A run whose writes meet a newer record: one at a time, before it takes place or after, when the writer does not hear that it did; and every second one of each state. The
/// table, the artifacts and the leases are those of an undisturbed run.
/// </summary>
public sealed class ConflictTests
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conflict_at_one_write_of_a_run_changes_nothing_of_what_comes_out(bool after)
    {
        var (undisturbed, writes) = await Run((_, _) => false, after);

        // All of them where it may last; otherwise some, spread over the run.
        var some = Long ? Enumerable.Range(1, writes) : Enumerable.Range(0, 5).Select(part => 1 + (part * (writes - 1) / 4));
        foreach (var number in some)
        {
            var conflicts = 0;
            var (rows, made) = await Run((_, write) => write == number && Interlocked.Increment(ref conflicts) == 1, after);
            Assert.True(undisturbed.SequenceEqual(rows), $"write {number} of {writes}, {(after ? "after" : "before")}:\n{string.Join('\n', rows)}");

            // How often a sweep writes depends on how quickly news come.
            Assert.True(conflicts == 1 || made < number, $"write {number} met {conflicts} conflicts");
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("stage", true)]
    [InlineData("variant", true)]
    [InlineData("result", true)]
    [InlineData("sweep", true)]
    [InlineData("sweep-index", false)]
    public async Task A_conflict_at_every_second_write_of_a_state_changes_nothing_of_what_comes_out(string state, bool after)
    {
        var (undisturbed, _) = await Run((_, _) => false, after);
        var conflicts = 0;

        // Of each state by itself, so that no two of them take turns in which one always meets the conflict.
        var seen = new ConcurrentDictionary<string, int>();
        var (rows, _) = await Run(
            (of, _) => (state.Length == 0 || of == state) && seen.AddOrUpdate(of, 1, (_, count) => count + 1) % 2 == 1 && Interlocked.Increment(ref conflicts) > 0, after);

        Assert.Equal(undisturbed, rows);
        Assert.True(conflicts > 0);
    }

    private static async Task<(string[] Rows, int Writes)> Run(Func<string, int, bool> conflicts, bool after)
    {
        await using var grid = await TestGrid.Start();
        void Meet(string state, int write)
        {
            if (conflicts(state, write))
                throw new InconsistentStateException($"{state} was written by another activation");
        }

        if (after)
            grid.Storage.AfterWrite = Meet;
        else
            grid.Storage.BeforeWrite = Meet;

        var sweep = grid.Sweep("conflicts");
        await Repeated(() => sweep.Submit(Specs.Tree("conflicts", "max")));
        var status = await Until.Ended(sweep);
        var rows = await sweep.Rows(0, 10);
        Assert.True((status.State, status.Finished) == (SweepState.Finished, 4), string.Join('\n', rows.Select(row => $"{row.Path} {row.State} {row.FailureClass} {row.Failure}")));
        Assert.All(grid.Storage.All("stage"), text => Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(text).RootElement.GetProperty("Owner").ValueKind));
        return ([.. rows.Select(row => $"{row.Path} {row.State} {row.Failure} {string.Join(' ', row.Result!.Stages.Select(stage => $"{stage.Kind} {stage.Key} {string.Join(' ', stage.Artifacts)}"))}")],
            grid.Storage.Writes);
    }

    // As the client library does.
    private static async Task Repeated(Func<Task<SubmitAnswer>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Assert.True((await ask()).Accepted);
                return;
            }
            catch (InconsistentStateException) when (attempt < 20)
            {
            }
        }
    }
}
