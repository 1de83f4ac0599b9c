using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Results;

/// <summary>What was not written is not told: a commit that lost its race and could not read the winner.</summary>
public sealed class LostRaceTests
{
    [Fact]
    public async Task A_result_that_was_not_written_is_not_served()
    {
        var storage = new SharedStorage();
        var index = new ResultIndex(storage.Of());
        storage.BeforeWrite = (_, _) => throw new OrleansException("the store does not answer");

        await Assert.ThrowsAsync<OrleansException>(() => index.Commit("key", Result()));

        Assert.Null(await index.Get("key"));
    }

    [Fact]
    public async Task A_stage_record_that_was_not_written_is_not_served()
    {
        var grain = new StageGrain(
            new ConflictingState<StageState>(), Options.Create(new GridOptions()), TimeProvider.System, NullLogger<StageGrain>.Instance);

        await Assert.ThrowsAsync<OrleansException>(() => grain.Commit("a/1", Result().Stages[0]));

        Assert.Null(await grain.Record());
    }

    private static VariantResult Result()
    {
        var record = new StageRecord(
            "key", "train", ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, double>.Empty, [],
            new("cpu", "machine", "silo", "versions", default, default));
        var accuracy = new Accuracy(0.5, 10, double.NaN, 0, 0, 0, 0, 1, 0.24, 0.76, 0, 0, 0);
        return new(new(new('a', 64)), null!, [record], accuracy, accuracy, new(1, 1, 1, 1, 1, 1, 1), 1, []);
    }
}
