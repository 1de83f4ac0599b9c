using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a user asks of a sweep that was submitted: stop, pause, resume.</summary>
public sealed partial class SweepGrain
{
    /// <inheritdoc/>
    public async Task Stop(TimeSpan? deadline)
    {
        var within = deadline ?? options.Value.StopDeadline;
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.Zero, nameof(deadline));
        var end = clock.GetElapsedTime(0) + within;
        stopBy = stopBy < end ? stopBy : end;
        StartPump();
        if (UnderWay)
            await End(SweepState.Stopped);

        await Pump();

        // The pump keeps its troubles to itself; whoever stops a sweep is to know that it would go on after a restart.
        if (recordChanged)
            await WriteRecord();
    }

    /// <inheritdoc/>
    public async Task<SubmitAnswer> Pause()
    {
        if (!UnderWay)
            return new(false, NotUnderWay("paused"));

        if (Own.State == SweepState.Active)
            await Become(SweepState.Paused);
        return new(true, $"paused: {Count(TrialState.Running)} running trials go on to their end, {Count(TrialState.Waiting)} wait");
    }

    /// <inheritdoc/>
    public async Task<SubmitAnswer> Resume()
    {
        return Own.Spec is null ? new(false, NotUnderWay("resumed")) : await Submit(Own.Spec);
    }

    /// <inheritdoc/>
    public async Task<SubmitAnswer> Forget()
    {
        if (Own.State == SweepState.Unknown)
            return new(false, $"There is no sweep '{Name}' to be forgotten.");
        if (UnderWay || running.Count > 0)
            return new(false, $"Sweep '{Name}' is {Own.State} and cannot be forgotten; stop it first.");

        await Unremind();
        await GrainFactory.GetGrain<ISweepIndexGrain>(0).Forget(Name);
        await pages.Clear();
        await sweep.ClearStateAsync();
        board = null;
        DeactivateOnIdle();
        return new(true, "forgotten; what it alone needs is garbage now");
    }

    /// <inheritdoc/>
    public Task<SweepSpec?> Spec() => Task.FromResult(Own.Spec);

    private string NotUnderWay(string done) => Own.State == SweepState.Unknown
        ? $"There is no sweep '{Name}' to be {done}; submit its spec."
        : $"Sweep '{Name}' is {Own.State} and cannot be {done}.";

    private async Task Become(SweepState state)
    {
        (Own.State, stopBy) = (state, null);
        Own.Revision++;
        await WriteRecord();
    }
}
