using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Silo.Tests.Embedding;

/// <summary>A machine that sleeps, wakes or is set to time while a silo lives on it. The clock is moved; elapsed time goes on as ever.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_clock_that_goes_ahead_while_the_silo_joins_does_not_make_it_take_itself_for_dead()
    {
        using var folder = new TestFolder();
        var clock = new MovedClock();
        await using var silo = await folder.Start(configure: services => services
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => new JoinsSlowly(provider, () => clock.Moved = TimeSpan.FromHours(3))));

        Assert.Equal(SiloStatus.Active, Status(silo.Services));
        var sweep = silo.Grains.GetGrain<ISweepGrain>("joined");
        await sweep.Submit(Specs.Tree("joined", "max"));
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
    }

    [Theory]
    [InlineData(-24)]
    [InlineData(24)]
    [InlineData(24 * 365)]
    public async Task A_clock_that_is_moved_during_a_run_changes_no_elapsed_time_and_spends_no_budget(int hours)
    {
        using var folder = new TestFolder();
        var clock = new MovedClock();
        folder.Runner.Before = (request, _) =>
        {
            if (request.Stage is FinetuneStage)
                clock.Moved = TimeSpan.FromHours(hours);
        };
        var watch = Stopwatch.StartNew();
        SweepStatus status;
        await using (var silo = await folder.Start(configure: services => services.AddSingleton<TimeProvider>(clock)))
        {
            var sweep = silo.Grains.GetGrain<ISweepGrain>("moved");
            await sweep.Submit(Specs.Tree("moved", "max") with { Budget = new(Wall: TimeSpan.FromMinutes(10)) });
            status = await Until.Ended(sweep);
        }

        Assert.Equal((SweepState.Finished, 4), (status.State, status.Finished));
        Assert.InRange(status.Ended!.Value - status.Submitted, TimeSpan.Zero, watch.Elapsed);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}: something waited for the clock");
    }

    [Fact]
    public async Task A_clock_that_was_set_back_between_two_processes_makes_nobody_wait_for_the_first_one_s_leases()
    {
        // The first process dies in the stage collect, which both variants of another sweep need.
        using var folder = new TestFolder();
        using var never = new ManualResetEventSlim();
        folder.Runner.Hold<CollectStage>(never);
        await using var killed = await folder.Start();
        await killed.Grains.GetGrain<ISweepGrain>("first").Submit(Specs.Tree("first", "max"));
        await Until.True(() => folder.Runner.Count("collect") == 1);
        using var left = folder.AsLeftByAKill();

        var watch = Stopwatch.StartNew();
        var yesterday = new MovedClock { Moved = TimeSpan.FromDays(-1) };
        await using var next = await left.Start(configure: services => services.AddSingleton<TimeProvider>(yesterday));
        var sweep = next.Grains.GetGrain<ISweepGrain>("second");
        await sweep.Submit(Specs.Tree("second", "entropy"));

        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}: a lease of the dead process was waited for");
    }

    private static SiloStatus Status(IServiceProvider services) =>
        services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.GetSiloStatus(services.GetRequiredService<ILocalSiloDetails>().SiloAddress);

    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Moved { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;
    }

    /// <summary>Does something while the silo is joining, and leaves membership half a second to make something of it.</summary>
    private sealed class JoinsSlowly(IServiceProvider services, Action meanwhile) : ILifecycleParticipant<ISiloLifecycle>
    {
        // Membership watches the joining silo from 100 before this stage on; the silo becomes active at its end.
        public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(JoinsSlowly), ServiceLifecycleStage.BecomeActive - 1, async stop =>
        {
            meanwhile();
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMilliseconds(500) && Status(services) != SiloStatus.Dead;)
                await Task.Delay(10, stop);
        });
    }
}
