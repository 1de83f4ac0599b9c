using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// This silo's slots: one dedicated thread each. Lives as long as the silo is active; on its way down it takes nothing new and waits for checkpoints.
/// A stage that outlasts the wait goes on alone; its thread ends by itself and touches nothing here any more.
/// </summary>
public sealed partial class SlotHost : ISlotHost, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly RunServices services;
    private readonly ILocalSiloDetails silo;
    private readonly int slots;
    private readonly ILogger<SlotHost> logger;
    private readonly Lock gate = new();
    private readonly Dictionary<VariantId, SlotRun> runs = [];
    private readonly Channel<SlotRun> queue = Channel.CreateUnbounded<SlotRun>();
    private readonly SemaphoreSlim changed = new(0);
    private readonly CancellationTokenSource down = new();
    private readonly CancellationTokenRegistration stopping;
    private readonly DeviceFault device;
    private readonly IHostApplicationLifetime lifetime;
    private Task reporting = Task.CompletedTask;
    private readonly HashSet<SlotRun> reports = [];
    private long started;
    private string? closed;
    private bool draining;
    private bool disposed;

    /// <summary>Slots without threads yet; those start with the silo.</summary>
    public SlotHost(
        RunServices services, ILocalSiloDetails silo, IOptions<DeviceOptions> options, DeviceFault device, IHostApplicationLifetime lifetime, ILogger<SlotHost> logger)
    {
        (this.services, this.silo, slots, this.logger) = (services, silo, options.Value.SlotsPerDevice, logger);
        (this.device, this.lifetime) = (device, lifetime);
        stopping = lifetime.ApplicationStopping.Register(Drain);
    }

    /// <inheritdoc/>
    public string? Take(Assignment assignment, int epoch)
    {
        lock (gate)
        {
            if (draining)
                return $"silo {silo.Name} is stopping and takes nothing new";

            if (closed is not null)
                return $"silo {silo.Name} takes nothing for now: {closed}";

            if (runs.TryGetValue(assignment.Variant, out var run))
                return run.Epoch == epoch ? null : EndEarlier(run);

            if (runs.Count - reports.Count >= slots)
                return $"all {slots} slots of silo {silo.Name} are taken";

            var taken = new SlotRun(assignment, epoch, services, React);
            runs.Add(assignment.Variant, taken);
            queue.Writer.TryWrite(taken);
            started++;
        }

        Tell();
        return null;
    }

    /// <inheritdoc/>
    public bool Runs(VariantId variant, int epoch)
    {
        lock (gate)
            return runs.TryGetValue(variant, out var run) && run.Epoch == epoch;
    }

    /// <inheritdoc/>
    public void Stop(VariantId variant)
    {
        lock (gate)
            runs.GetValueOrDefault(variant)?.Stop();
    }

    /// <inheritdoc/>
    public void StopNow(VariantId variant)
    {
        SlotRun? run;
        lock (gate)
            run = runs.GetValueOrDefault(variant);

        if (run?.StopNow() == true)
            _ = FreeTheSlot(run);
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) =>
        // Last to start and first to stop: runs report to grains until they are over.
        observer.Subscribe(nameof(SlotHost), ServiceLifecycleStage.Active + 1, _ => Start(), End);

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        lock (gate)
            disposed = true;

        down.Dispose();
        changed.Dispose();
    }

    private string EndEarlier(SlotRun run)
    {
        run.Stop();
        return $"run {run.Epoch} of the variant is still ending on silo {silo.Name}; start it again in a moment";
    }

    private Task Start()
    {
        for (var slot = 0; slot < slots; slot++)
            Open(slot);

        reporting = Task.Run(Report);
        LogOpen(slots, services.Environment.Device);
        return Task.CompletedTask;
    }

    private void Open(int slot)
    {
        var silenced = down.Token;
        new Thread(() => Serve(slot, silenced)) { Name = $"slot {slot}", IsBackground = true }.Start();
    }

    // A step that lasts cannot be ended from outside; its thread is left to itself, and the slot gets another.
    private async Task FreeTheSlot(SlotRun run)
    {
        await run.Over.WaitAsync(services.Options.StopGrace, services.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            if (disposed || draining || run.Slot is not { } slot || !run.Abandon())
                return;

            runs.Remove(run.Variant);
            Open(slot);
        }

        Tell();

        LogAbandonedRun(run.Variant, run.Epoch, services.Options.StopGrace.TotalSeconds);
    }

    private async Task End(CancellationToken deadline)
    {
        Drain();
        Task[] ends;
        lock (gate)
            ends = [.. runs.Values.Select(run => run.Over)];

        try
        {
            await Task.WhenAll(ends).WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            LogAbandoned(ends.Count(end => !end.IsCompleted));
        }

        queue.Writer.TryComplete();
        await down.CancelAsync();
        await reporting;
    }

    private void Drain()
    {
        lock (gate)
        {
            if (draining)
                return;

            draining = true;
            foreach (var run in runs.Values)
                run.Stop();
        }

        Tell();
    }

    private void Serve(int slot, CancellationToken silenced)
    {
        while (Next() is { } run)
        {
            if (run.Execute(slot) is not { } outcome)
            {
                run.Dispose();
                return;
            }

            lock (gate)
                reports.Add(run);
            Tell();

            // The slot is free for the next run while this one's last report is under way.
            _ = Task.Run(() => Finish(run, outcome, silenced), CancellationToken.None);
        }
    }

    // One waiting slot is woken for each run. Null where the silo is gone.
    private SlotRun? Next()
    {
        try
        {
            return Blocking.On(queue.Reader.ReadAsync().AsTask());
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    private async Task Finish(SlotRun run, RunOutcome outcome, CancellationToken silenced)
    {
        using (run)
        {
            await run.Tell(outcome, silenced);
            lock (gate)
            {
                reports.Remove(run);
                runs.Remove(run.Variant);
            }
        }

        Tell();
    }

    // One look at what is now tells of all changes before it.
    private void Tell()
    {
        lock (gate)
        {
            if (!disposed && changed.CurrentCount == 0)
                changed.Release();
        }
    }

    private async Task Report()
    {
        var broker = services.Grains.GetGrain<ISlotBrokerGrain>(0);
        try
        {
            while (!down.IsCancellationRequested)
            {
                try
                {
                    // Not waited for on the way down: the broker may be on a silo that is dead.
                    await broker.Report(Now()).WaitAsync(down.Token);
                }
#pragma warning disable CA1031 // Whatever the broker or the way to it throws: a silo that no longer reports has no slots.
                catch (Exception lost)
#pragma warning restore CA1031
                {
                    if (!down.IsCancellationRequested)
                        LogReportLost(lost);
                }

                await changed.WaitAsync(services.Options.ReportPeriod, down.Token);
                if (closed is not null)
                    LookForRoom();
            }
        }
        catch (OperationCanceledException) when (down.IsCancellationRequested)
        {
        }
    }

    private SiloSlots Now()
    {
        var environment = services.Environment.Offer;          // looked up once, which on a GPU takes a moment
        lock (gate)
            return new(silo.SiloAddress, silo.Name, services.Environment.Device, slots, [.. runs.Keys.Order()], draining, started, closed, environment, reports.Count);
    }
}
