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

    private readonly IVariantGrain variant;
    private readonly VariantId id;
    private readonly int epoch;
    private readonly ILocalSiloDetails silo;
    private readonly GridOptions options;
    private readonly TimeProvider clock;
    private readonly Action<Exception> reportFailed;
    private readonly SemaphoreSlim news = new(0);
    private readonly SemaphoreSlim sending = new(1);
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private readonly List<string> executed = [];
    private readonly List<string> reused = [];
    private readonly Task telling;
    private StageProgress? progress;
    private VariantReport? unanswered;
    private long sequence;

    /// <summary>Starts to report.</summary>
    /// <param name="disowned">Called when the variant answers that this run is to end.</param>
    /// <param name="reportFailed">Called when a report could not be delivered; it is sent again.</param>
    public RunReporter(
        IVariantGrain variant, VariantId id, int epoch, ILocalSiloDetails silo, GridOptions options, TimeProvider clock, Action disowned, Action<Exception> reportFailed)
    {
        (this.variant, this.id, this.epoch, this.silo) = (variant, id, epoch, silo);
        (this.options, this.clock, this.reportFailed) = (options, clock, reportFailed);
        telling = Task.Run(() => Tell(disowned));
    }

    /// <summary>What the run does now. Cheap; most of it is never sent.</summary>
    public void Progress(StageProgress now)
    {
        Volatile.Write(ref progress, now);
        if (news.CurrentCount == 0)
            news.Release();
    }

    /// <summary>A stage was executed, or answered by a record.</summary>
    public void Count(string kind, bool wasReused)
    {
        lock (gate)
            (wasReused ? reused : executed).Add(kind);
    }

    /// <summary>Asks whether this run still owns its variant.</summary>
    public async Task<bool> Confirm() => await Send(null);

    /// <summary>Ends reporting with the outcome; tries for a minute to deliver it.</summary>
    /// <param name="giveUp">Cancelled where nobody can be told any more, because the silo is gone.</param>
    /// <returns>False where it could not be delivered: the sweep will find out by itself.</returns>
    public async Task<bool> End(RunOutcome outcome, CancellationToken giveUp)
    {
        await ending.CancelAsync();
        await telling;

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
        ending.Dispose();
        news.Dispose();
        sending.Dispose();
    }

    private async Task Tell(Action disowned)
    {
        try
        {
            while (true)
            {
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

                await Task.Delay(options.ProgressPeriod, clock, ending.Token);
                await news.WaitAsync(options.ReportPeriod, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
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
        var owns = await variant.Report(report);
        unanswered = null;
        return owns;
    }

    private VariantReport Next(RunOutcome? outcome)
    {
        lock (gate)
        {
            var report = new VariantReport(
                id, epoch, ++sequence, outcome is null ? Volatile.Read(ref progress) : null, outcome, [.. executed], [.. reused], silo.Name, silo.SiloAddress);
            executed.Clear();
            reused.Clear();
            return report;
        }
    }
}
