using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

/// <summary>Reports in batches: repeated, late, of runs that own their variant no longer. Each counts once.</summary>
public sealed class ReportTests
{
    [Fact]
    public async Task Batches_with_repeats_stale_epochs_and_late_copies_give_exact_counts()
    {
        // No slots: nothing runs but what the reports tell of.
        await using var grid = await TestGrid.Start(slots: 0, inMemory: true);
        var runs = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 40 : 4;
        for (var seed = 1; seed <= runs; seed++)
        {
            var random = new Random(seed);
            var sweep = grid.Sweep($"reports-{seed}");
            await sweep.Submit(Specs.Hundreds($"reports-{seed}", 6) with { Seed = 1000 * seed });
            var variants = (await sweep.Rows(0, 500)).ToArray();
            var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
            var streams = variants.Select(row => Stream(row.Variant, mayFail: row.Kind != VariantKind.Dense, random, expected)).ToArray();

            foreach (var batch in Interleaved(streams, random))
                await sweep.VariantsReached(batch);

            var status = await sweep.Status();
            Assert.Equal(expected, status.StagesExecuted.ToDictionary());
            Assert.Equal(variants.Length - streams.Count(stream => stream[^1].Outcome!.Kind == RunEnd.Failed), status.Finished);
            Assert.Equal(0, status.Running);
        }
    }

    [Fact]
    public async Task What_comes_in_while_a_batch_is_under_way_goes_together_with_the_next()
    {
        var first = new TaskCompletionSource();
        var batches = new List<int>();
        var outbox = new Outbox(batch =>
        {
            batches.Add(batch.Length);
            return batches.Count == 1 ? first.Task : Task.CompletedTask;
        });

        var one = outbox.Add(Report(1));
        await Until.True(() => batches.Count == 1);
        var others = Enumerable.Range(2, 300).Select(i => outbox.Add(Report(i))).ToArray();
        first.SetResult();
        await one;
        await Task.WhenAll(others);

        Assert.Equal([1, 256, 44], batches);
    }

    [Fact]
    public async Task A_batch_that_fails_fails_for_those_in_it_and_the_next_is_sent()
    {
        var sent = 0;
        var outbox = new Outbox(_ => ++sent == 1 ? Task.FromException(new TimeoutException("no answer")) : Task.CompletedTask);

        await Assert.ThrowsAsync<TimeoutException>(() => outbox.Add(Report(1)));
        await outbox.Add(Report(1));

        Assert.Equal(2, sent);
    }

    /// <summary>One run's reports in their order, the last with its outcome; before them, perhaps, those of an earlier run that was lost.</summary>
    private static List<VariantReport> Stream(VariantId variant, bool mayFail, Random random, SortedDictionary<string, int> expected)
    {
        var reports = new List<VariantReport>();
        var epochs = random.Next(1, 3);
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            var count = random.Next(1, 5);
            for (var sequence = 1; sequence <= count; sequence++)
            {
                var kinds = new[] { "train", "export", "evaluate" }.Take(random.Next(4)).ToImmutableArray();
                foreach (var kind in kinds)
                    expected[kind] = expected.GetValueOrDefault(kind) + 1;
                var outcome = epoch < epochs || sequence < count ? null : new RunOutcome(mayFail && random.Next(50) == 0 ? RunEnd.Failed : RunEnd.Finished, null);
                reports.Add(new(variant, epoch, sequence, outcome is null ? new("train", 1, 2, "epochs", 0.5, null) : null, outcome, kinds, [], "silo"));
            }
        }

        return reports;
    }

    /// <summary>All streams, each in its own order, with copies of earlier reports between them at random; cut into batches.</summary>
    private static IEnumerable<ImmutableArray<VariantReport>> Interleaved(List<VariantReport>[] streams, Random random)
    {
        var next = new int[streams.Length];
        var open = Enumerable.Range(0, streams.Length).ToList();
        var batch = ImmutableArray.CreateBuilder<VariantReport>();
        while (open.Count > 0)
        {
            var place = random.Next(open.Count);
            var stream = open[place];
            batch.Add(streams[stream][next[stream]++]);
            if (next[stream] == streams[stream].Count)
                open.RemoveAt(place);

            var other = random.Next(streams.Length);
            if (next[other] > 0 && random.Next(2) == 0)
                batch.Add(streams[other][random.Next(next[other])]);
            if (random.Next(20) == 0)
            {
                yield return batch.ToImmutable();
                batch.Clear();
            }
        }

        yield return batch.ToImmutable();
    }

    private static VariantReport Report(int sequence) => new(new("v"), 1, sequence, null, null, [], [], "silo");
}
