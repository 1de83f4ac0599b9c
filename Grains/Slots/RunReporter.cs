using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// Tells a variant's grain what its run does: throttled progress, at least one report in each period, and how the run ended. Never on the slot's thread.
/// Whatever a delivery throws, the fault is another's, perhaps of a sweep that watches: it is tried again, and neither the run nor its slot ends by it.
/// </summary>
internal sealed class RunReporter : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // A run that is over sooner tells of its end alone.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);

    private readonly IVariantGrain variant;
    private readonly VariantId id;
    private readonly int epoch;
    private readonly ILocalSiloDetails silo;
    private readonly GridOptions options;
    private readonly TimeProvider clock;
    private readonly Action disowned;
    private readonly Action<Exception> reportFailed;
    private readonly SemaphoreSlim sending = new(1);
    private readonly Lock gate = new();
    private readonly List<string> executed = [];
    private readonly List<string> reused = [];
    private readonly ITimer looks;
    private Task telling = Task.CompletedTask;
    private StageProgress? progress;
    private VariantReport? unanswered;
    private bool news = true;
    private bool ended;
    private long told;
    private long owned;
    private long sequence;

    /// <summary>Starts to report.</summary>
    /// <param name="disowned">Called when the variant answers that this run is to end.</param>
    /// <param name="reportFailed">Called when a report could not be delivered; it is sent again.</param>
    public RunReporter(
        IVariantGrain variant, VariantId id, int epoch, ILocalSiloDetails silo, GridOptions options, TimeProvider clock, Action disowned, Action<Exception> reportFailed)
    {
        (this.variant, this.id, this.epoch, this.silo) = (variant, id, epoch, silo);
        (this.options, this.clock, this.disowned, this.reportFailed) = (options, clock, disowned, reportFailed);
        told = owned = clock.GetTimestamp();
        var period = options.ProgressPeriod > FirstLook ? options.ProgressPeriod : FirstLook;
        looks = clock.CreateTimer(_ => Look(), null, FirstLook, period);
    }

    /// <summary>What the run does now. Cheap; most of it is never sent.</summary>
    public void Progress(StageProgress now)
    {
        lock (gate)
            (progress, news) = (now, true);
    }

    /// <summary>A stage was executed, or answered by a record.</summary>
    public void Count(string kind, bool wasReused)
    {
        lock (gate)
            (wasReused ? reused : executed).Add(kind);
    }

    /// <summary>Whether this run still owns its variant: asked, unless it was told so within the last report period.</summary>
    public async Task<bool> Confirm() => clock.GetElapsedTime(Volatile.Read(ref owned)) < options.ReportPeriod || await Send(null);

    /// <summary>Ends reporting with the outcome; tries for a minute to deliver it.</summary>
    /// <param name="giveUp">Cancelled where nobody can be told any more, because the silo is gone.</param>
    /// <returns>False where it could not be delivered: the sweep will find out by itself.</returns>
    public async Task<bool> End(RunOutcome outcome, CancellationToken giveUp)
    {
        Task last;
        lock (gate)
            (ended, last) = (true, telling);
        await looks.DisposeAsync();
        await last;

        var began = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause *= 2)
        {
            try
            {
                await Send(outcome);
                return true;
            }
#pragma warning disable CA1031 // As the class says.
            catch (Exception failed)
#pragma warning restore CA1031
            {
                reportFailed(failed);
                if (giveUp.IsCancellationRequested || clock.GetElapsedTime(began) + pause > Patience)
                    return false;

                await Task.Delay(pause, clock, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        looks.Dispose();
        sending.Dispose();
    }

    private void Look()
    {
        lock (gate)
        {
            if (ended || !telling.IsCompleted || (!news && clock.GetElapsedTime(told) < options.ReportPeriod))
                return;

            (news, told) = (false, clock.GetTimestamp());
            telling = Tell();
        }
    }

    private async Task Tell()
    {
        // Off the timer's thread, and out of the lock that it holds.
        await Task.Yield();
        try
        {
            if (!await Send(null))
                disowned();
        }
#pragma warning disable CA1031 // As the class says.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            reportFailed(failed);
        }
    }

    // A report whose answer was lost is sent again as it was: under its old sequence number it cannot count twice.
    private async Task<bool> Send(RunOutcome? outcome)
    {
        await sending.WaitAsync();
        try
        {
            if (unanswered is not null && !await Deliver(unanswered) && outcome is null)
                return false;

            return await Deliver(Next(outcome));
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task<bool> Deliver(VariantReport report)
    {
        unanswered = report;
        var asked = clock.GetTimestamp();
        var owns = await variant.Report(report);
        unanswered = null;
        if (owns)
            Volatile.Write(ref owned, asked);
        return owns;
    }

    private VariantReport Next(RunOutcome? outcome)
    {
        lock (gate)
        {
            var report = new VariantReport(
                id, epoch, ++sequence, outcome is null ? progress : null, outcome, [.. executed], [.. reused], silo.Name, silo.SiloAddress);
            executed.Clear();
            reused.Clear();
            return report;
        }
    }
}
