using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Stages;

public sealed class StageTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_claim_is_granted_to_one_owner_until_its_lease_ends()
    {
        var (held, first) = new StageState().Claimed("a/1", Start, Lease);
        Assert.Equal(new StageClaim(null, Granted: true), first);

        Assert.Equal((held, new StageClaim(null, Granted: false)), held.Claimed("b/1", Start + Lease - TimeSpan.FromTicks(1), Lease));
        var (renewed, again) = held.Claimed("a/1", Start + (Lease / 2), Lease);
        Assert.True(again.Granted);
        Assert.False(renewed.Claimed("b/1", Start + Lease, Lease).Claim.Granted);
        Assert.True(renewed.Claimed("b/1", Start + (1.5 * Lease), Lease).Claim.Granted);
    }

    [Fact]
    public void A_later_run_of_the_same_variant_takes_over_at_once_and_an_earlier_one_does_not()
    {
        var held = new StageState(null, "a/2", Start + Lease);

        Assert.True(held.Claimed("a/3", Start, Lease).Claim.Granted);
        Assert.False(held.Claimed("a/1", Start, Lease).Claim.Granted);
        Assert.False(held.Claimed("b/9", Start, Lease).Claim.Granted);
    }

    [Fact]
    public void Only_the_owner_can_release_and_a_release_makes_no_record()
    {
        var held = new StageState(null, "a/1", Start + Lease);

        Assert.Equal(held, held.Released("b/1"));
        Assert.True(held.Released("a/1").Claimed("b/1", Start, Lease).Claim.Granted);
    }

    [Fact]
    public async Task Of_two_commits_the_first_wins_and_both_callers_are_given_it()
    {
        await using var grid = await TestGrid.Start();
        var stage = grid.Grains.GetGrain<IStageGrain>("race");
        Assert.True((await stage.Claim("a/1")).Granted);
        Assert.False((await stage.Claim("b/1")).Granted);

        var records = await Task.WhenAll(stage.Commit("a/1", Record("silo a")), stage.Commit("b/1", Record("silo b")));

        Assert.Equal(records[0].Provenance, records[1].Provenance);
        Assert.Equal(records[0].Provenance, (await stage.Record())!.Provenance);
        var claim = await stage.Claim("c/1");
        Assert.Equal((records[0].Provenance, false), (claim.Record!.Provenance, claim.Granted));
    }

    [Fact]
    public async Task A_thousand_askers_of_one_stage_are_one_run_and_a_thousand_equal_answers()
    {
        await using var grid = await TestGrid.Start(silos: 2);
        var stage = grid.Grains.GetGrain<IStageGrain>("wanted");
        var ran = 0;

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async asker =>
        {
            while (true)
            {
                var claim = await stage.Claim($"{asker}/1");
                if (claim.Record is { } record)
                    return record;

                if (claim.Granted)
                {
                    Interlocked.Increment(ref ran);
                    return await stage.Commit($"{asker}/1", Record($"asker {asker}"));
                }
            }
        }));

        Assert.Equal(1, ran);
        Assert.Single(answers.Select(answer => answer.Provenance).Distinct());
    }

    [Fact]
    public async Task A_first_lease_is_kept_in_memory_a_renewed_one_in_storage_and_either_survives_the_grain()
    {
        await using var grid = await TestGrid.Start();
        var stage = grid.Grains.GetGrain<IStageGrain>("leased");
        Assert.True((await stage.Claim("a/1")).Granted);
        Assert.Empty(grid.Storage.Texts("stage"));

        await grid.Cluster.DeactivateAsync(stage);
        Assert.False((await stage.Claim("b/1")).Granted);
        Assert.True((await stage.Claim("a/1")).Granted);
        Assert.Contains("a/1", grid.Storage.Texts("stage").Single().Value);

        await stage.Release("a/1");
        Assert.True((await stage.Claim("b/1")).Granted);
    }

    private static StageRecord Record(string silo) => new(
        "race", "train", ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, double>.Empty, [],
        new("cpu", "machine", silo, "versions", Start, TimeSpan.FromSeconds(1)));
}
