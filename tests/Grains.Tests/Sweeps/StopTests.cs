using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class StopTests
{
    [Fact]
    public async Task A_stop_that_one_variant_did_not_hear_reaches_the_others_and_that_one_later()
    {
        var asked = 0;
        await using var grid = await TestGrid.Start(slots: 2, around: context =>
            context is { MethodName: nameof(IVariantGrain.Stop), Grain: IVariantGrain } && Interlocked.Increment(ref asked) == 1
                ? throw new TimeoutException("no answer within 30 s")
                : context.Invoke());
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var sweep = grid.Sweep("deaf");
        await sweep.Submit(Specs.Tree("deaf", "max") with { Replicates = 2 });
        await Until.True(() => grid.Runner.Count("train") == 2);

        await sweep.Stop();
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Stopped, 8), (status.State, status.Waiting));
    }

    [Fact]
    public async Task News_of_a_run_that_goes_on_for_another_sweep_wakes_no_stopped_one()
    {
        await using var grid = await TestGrid.Start(slots: 2);
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (_, stop) => hold.Wait(stop);
        var (one, two) = (grid.Sweep("one"), grid.Sweep("two"));
        await one.Submit(Specs.Tree("one", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        await two.Submit(Specs.Tree("two", "max"));
        var variant = (await Until.True(two.Status, status => status.Variants.Length == 1)).Variants[0].Variant;
        await one.Stop();
        await Until.Ended(one);

        await one.VariantReached(new(variant, 1, 1_000_000, new("train", 1, 2, "epochs", 0.5, null), null, [], [], "elsewhere"));

        var status = await one.Status();
        Assert.Equal((SweepState.Stopped, 0, 4), (status.State, status.Running, status.Waiting));
        hold.Set();
        Assert.Equal(4, (await Until.Ended(two)).Finished);
    }
}
