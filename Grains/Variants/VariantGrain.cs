using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Runtime.Placement;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Variants;

/// <summary>Remembers which run owns one variant, hands runs to the slot host of its silo, and tells the sweeps. The rules are
/// <see cref="VariantState"/>'s.</summary>
[GrainType("variant"), RandomPlacement, Immovable, OnRole(SiloRole.Compute)]
public sealed partial class VariantGrain(
    [PersistentState("variant")] IPersistentState<VariantState> variant,
    ISlotHost slots,
    ReportCollector reports,
    ResultIndex results,
    ILocalSiloDetails here,
    IClusterMembershipService membership,
    IOptions<GridOptions> options,
    ILogger<VariantGrain> logger) : Grain, IVariantGrain
{
    private static readonly int MostLost = FailurePolicy.Of(FailureClass.Preempted).Attempts;

    private VariantId Id => new(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public async Task<StartAnswer> Start(Assignment assignment)
    {
        // The hint was for this activation alone; left in place it would steer every call made from here.
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);

        if (variant.State.Running)
        {
            if (await StillRuns())
            {
                await Become(variant.State.Joined(assignment.Sweep));
                return new(Started: true, variant.State.Epoch, "", Joined: true, SiloAddress.FromParsableString(variant.State.Silo));
            }

            // Whoever watched a run that is finished wants no news of the next; who watched a lost one does.
            if (variant.State.Result is { } result && await results.Get(result) is not null)
                variant.State = variant.State.Ended();
        }

        // Perhaps it is the run that kills its silos, and then it would kill them all. Where a person starts each run, no count is needed to end that.
        if (options.Value.ResumeUnasked && variant.State.LostTooOften(MostLost))
        {
            await Become(variant.State.Ended());
            return new(Started: false, variant.State.Epoch, "", Failure: new(
                RunEnd.Failed,
                $"{MostLost} runs in a row were lost with their silo. Where the system has killed those processes for the memory they took, give the variant less to hold "
                + "(a smaller batch) or silos fewer slots; then retry it.",
                FailureClass.Preempted));
        }

        if (!assignment.Silo.Equals(here.SiloAddress))
        {
            // A silo that was asked because the variant had been there activates it anew, whatever the hint; so it has to move, or it would be asked for ever.
            RequestContext.Set(IPlacementDirector.PlacementHintKey, assignment.Silo);
            this.MigrateOnIdle();
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
            return Refused($"variant {Id.Short} was activated on {here.SiloAddress}, its slot is on {assignment.Silo}; start it again");
        }

        // Written before the slot is taken: a run that no state knows of could not be fenced.
        await Become(variant.State.Begun(assignment.Sweep, here.SiloAddress.ToParsableString(), assignment.ResultKey));
        if (slots.Take(assignment, variant.State.Epoch) is { } refusal)
        {
            await Become(variant.State.Ended());
            DeactivateOnIdle();
            return Refused(refusal);
        }

        LogStarted(Id, variant.State.Epoch, assignment.Recipe.Kind, assignment.Sweep);
        return new(Started: true, variant.State.Epoch, "", Silo: here.SiloAddress);
    }

    /// <inheritdoc/>
    public Task<bool> Stop(string sweep) => Leave(sweep, slots.Stop);

    /// <inheritdoc/>
    public Task<bool> StopNow(string sweep) => Leave(sweep, slots.StopNow);

    /// <inheritdoc/>
    public async Task<bool> Report(VariantReport report)
    {
        if (report.Epoch != variant.State.Epoch || (!variant.State.Running && report.Outcome is null))
        {
            LogStaleReport(Id, report.Epoch, report.Sequence, variant.State.Epoch);
            return false;
        }

        if (report.Outcome is { } outcome)
        {
            if (variant.State.Running)
                LogEnded(Id, report.Epoch, outcome.Kind, outcome.Failure ?? "");

            // That a run is finished is written already: it is what its result says.
            if (outcome.Kind == RunEnd.Finished)
                variant.State = variant.State.Ended();
            else
                await Become(variant.State.Ended());
        }

        // A repeat is passed on too: the silo may have stopped between the write and these calls. Sweeps know what they have seen.
        await Task.WhenAll(variant.State.Watchers.Select(sweep => Tell(sweep, report)));

        if (report.Outcome is not null)
            DeactivateOnIdle();

        // A run on another silo cannot be told to stop from here; it hears of it with the answer to its next report.
        return report.Outcome is not null || !variant.State.Unwanted;
    }

    /// <summary>True where the run of the remembered epoch was handed to a slot of this silo.</summary>
    private bool IsHere => SiloAddress.FromParsableString(variant.State.Silo).Equals(here.SiloAddress);

    private static StartAnswer Refused(string reason) => new(Started: false, 0, reason);

    // A sweep that nobody can wake, because its record cannot be read, is no reason to hold up the run and those who watch it too.
    private async Task Tell(string sweep, VariantReport report)
    {
        try
        {
            await reports.Tell(sweep, report);
        }
        catch (Exception lasting) when (!Transient.Is(lasting))
        {
            LogNotTold(lasting, Id, sweep);
        }
    }

    private async Task<bool> Leave(string sweep, Action<VariantId> stop)
    {
        if (!variant.State.Running || (IsHere && !slots.Runs(Id, variant.State.Epoch)))
            return false;

        await Become(variant.State.Left(sweep));
        if (variant.State.Unwanted)
            stop(Id);

        return variant.State.Unwanted;
    }

    private async Task Become(VariantState next)
    {
        var before = variant.State;
        if (next.Equals(before))
            return;

        try
        {
            variant.State = next;
            await variant.WriteStateAsync();
        }
        catch
        {
            variant.State = before;
            throw;
        }
    }

    /// <summary>True where the run of the remembered epoch is on a slot somewhere.</summary>
    private async Task<bool> StillRuns()
    {
        if (IsHere)
            return slots.Runs(Id, variant.State.Epoch);

        var silo = SiloAddress.FromParsableString(variant.State.Silo);

        if (membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None)
            return false;

        var known = await GrainFactory.GetGrain<ISlotBrokerGrain>(0).Silos();
        return known.Any(slots => slots.Silo.Equals(silo) && slots.Running.Contains(Id));
    }
}
