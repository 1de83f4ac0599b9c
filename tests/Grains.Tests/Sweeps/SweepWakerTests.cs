using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.States;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class SweepWakerTests
{
    [Fact]
    public async Task An_answer_that_nobody_foresaw_does_not_end_the_watch_over_lost_silos()
    {
        var index = new FailingIndex();
        var (membership, lifecycle) = (new ScriptedMembership(), new OneParticipant());
        using var waker = new SweepWaker(
            FactoryOf.Index(index), membership, Options.Create(new GridOptions()), TimeProvider.System, new RecordedLog<SweepWaker>());
        waker.Participate(lifecycle);
        await lifecycle.Observer!.OnStart(CancellationToken.None);

        for (var living = 3; living > 0; living--)
        {
            membership.Say(living);
            var woken = 4 - living;
            await Until.True(() => index.Asked == woken);
        }

        await lifecycle.Observer.OnStop(CancellationToken.None);
    }

    [Fact]
    public async Task A_sweep_whose_record_cannot_be_read_keeps_no_other_asleep_and_is_no_reason_to_ask_again()
    {
        await using var grid = await TestGrid.Start();
        foreach (var name in new[] { "broken", "whole" })
            Assert.True((await grid.Sweep(name).Submit(Specs.Tree(name, "max"))).Accepted);
        await Until.Ended(grid.Sweep("whole"));
        await Until.Ended(grid.Sweep("broken"));
        var index = grid.Grains.GetGrain<ISweepIndexGrain>(0);
        await index.Entered("never-written");
        await index.Entered("newer");
        grid.Storage.Put("sweep", grid.Sweep("newer").GetGrainId(), Encoding.UTF8.GetBytes("""{"Schema":99}"""));

        await index.Wake();

        Assert.Equal(SweepState.Finished, (await grid.Sweep("whole").Status()).State);
    }

    private sealed class FailingIndex : ISweepIndexGrain
    {
        private int asked;

        public int Asked => asked;

        public Task Wake()
        {
            Interlocked.Increment(ref asked);
            return Task.FromException(NewerStateException.Of("sweep", 3, 2));
        }

        public Task Entered(string sweep) => Task.CompletedTask;

        public Task Left(string sweep) => Task.CompletedTask;

        public Task Forget(string sweep) => Task.CompletedTask;

        public Task<ImmutableArray<string>> Names() => Task.FromResult<ImmutableArray<string>>([]);
    }

    /// <summary>A factory that has one grain.</summary>
    public class FactoryOf : DispatchProxy
    {
        private object? index;

        public static IGrainFactory Index(object index)
        {
            var factory = Create<IGrainFactory, FactoryOf>();
            ((FactoryOf)(object)factory).index = index;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => index;
    }

    private sealed class ScriptedMembership : IClusterMembershipService
    {
        private readonly Channel<ClusterMembershipSnapshot> told = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        private long version;

        public ClusterMembershipSnapshot CurrentSnapshot => Of(0);

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => told.Reader.ReadAllAsync();

        public void Say(int living) => told.Writer.TryWrite(Of(living));

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);

        private ClusterMembershipSnapshot Of(int living) => new(
            Enumerable.Range(1, living).Select(port => SiloAddress.New(IPAddress.Loopback, port, 1)).ToImmutableDictionary(silo => silo, silo => new ClusterMember(silo, SiloStatus.Active, "silo")),
            new(++version));
    }

    private sealed class OneParticipant : ISiloLifecycle
    {
        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Observer = observer;
            return new MemoryStream();
        }
    }
}
