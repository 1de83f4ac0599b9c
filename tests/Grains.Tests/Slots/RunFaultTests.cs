using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Slots;

public sealed class RunFaultTests
{
    [Fact]
    public async Task A_report_that_fails_in_an_unforeseen_way_ends_neither_the_run_nor_its_slot()
    {
        var failures = 0;
        await using var grid = await TestGrid.Start(around: context =>
            context is { MethodName: nameof(IVariantGrain.Report), Grain: IVariantGrain } && Interlocked.Increment(ref failures) == 1
                ? throw new InvalidOperationException("a sweep that watches could not be read")
                : context.Invoke());
        var sweep = grid.Sweep("unforeseen");

        await sweep.Submit(Specs.Tree("unforeseen", "max"));
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Finished, 4, 0), (status.State, status.Finished, status.Failed));
        Assert.True(failures > 1);
    }

    [Theory]
    [InlineData(nameof(IStageGrain.Claim))]
    [InlineData(nameof(IStageGrain.Commit))]
    [InlineData(nameof(IVariantGrain.Start))]
    public async Task A_call_that_a_leaving_silo_cancels_is_made_again_and_fails_no_trial(string method)
    {
        var calls = 0;
        await using var grid = await TestGrid.Start(around: context =>
            context.MethodName == method && context.Grain is (IStageGrain or IVariantGrain) && Interlocked.Increment(ref calls) == 1
                ? throw new OperationCanceledException("the activation is going away")
                : context.Invoke());

        await grid.Sweep("cancelled").Submit(Specs.Tree("cancelled", "max"));
        var status = await Until.Ended(grid.Sweep("cancelled"));

        Assert.Equal((SweepState.Finished, 4, 0), (status.State, status.Finished, status.Failed));
    }

    [Fact]
    public async Task A_slot_reports_on_after_the_broker_failed_in_an_unforeseen_way()
    {
        var failures = 0;
        await using var grid = await TestGrid.Start(around: context =>
            context is { MethodName: nameof(ISlotBrokerGrain.Report), Grain: ISlotBrokerGrain } && Interlocked.Increment(ref failures) <= 2
                ? throw new InvalidOperationException("the broker has a fault")
                : context.Invoke());

        await grid.Sweep("broker").Submit(Specs.Tree("broker", "max"));

        Assert.Equal(4, (await Until.Ended(grid.Sweep("broker"))).Finished);
    }

    [Fact]
    public async Task A_stage_that_does_not_heed_its_stop_is_given_up_runs_elsewhere_and_ends_its_process()
    {
        await using var grid = await TestGrid.Start(silos: 2, configure: options =>
        {
            options.StageStall = options.StageGrace = TimeSpan.FromMilliseconds(200);
        });
        using var hang = new ManualResetEventSlim();
        grid.Runner.Before = (request, _) =>
        {
            if (request.Stage is TrainStage && grid.Runner.Count("train") == 1)
                hang.Wait(TestContext.Current.CancellationToken);
        };
        var sweep = grid.Sweep("hanging");
        await sweep.Submit(Specs.Tree("hanging", "max"));
        await Until.True(() => grid.Runner.Count("train") == 2);

        // Here the process lives on, and what hangs would keep measurements from its device.
        hang.Set();
        var status = await Until.Ended(sweep);

        Assert.Equal((4, 2), (status.Finished, grid.Runner.Count("train")));
        var fault = Assert.Single(grid.Cluster.Silos.Select(silo => grid.Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<DeviceFault>().Fault).OfType<DeviceFaultException>());
        Assert.Matches(@"^Stage train of variant \w{8} made no progress for 00:00:00.2000000 \(Grid:StageStall\).* It did not stop within 00:00:00.2000000 either, so its process ends\.$", fault.Message);
    }
}
