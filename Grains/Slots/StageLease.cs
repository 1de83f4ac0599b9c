using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>Renews the right to run a stage, off the thread that runs it, until it is disposed. No renewal is under way after that.</summary>
internal sealed class StageLease : IDisposable
{
    private readonly IStageGrain stage;
    private readonly string owner;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private Task renewing = Task.CompletedTask;
    private bool ended;

    private StageLease(IStageGrain stage, string owner, TimeSpan period, TimeProvider clock)
    {
        (this.stage, this.owner) = (stage, owner);
        timer = clock.CreateTimer(_ => Renew(), null, period, period);
    }

    /// <summary>Renews from now on, once in each <paramref name="period"/>.</summary>
    public static StageLease Renewing(IStageGrain stage, string owner, TimeSpan period, TimeProvider clock) => new(stage, owner, period, clock);

    /// <summary>Safe to repeat, from any thread.</summary>
    public void Dispose()
    {
        timer.Dispose();
        Task last;
        lock (gate)
            (ended, last) = (true, renewing);
        Blocking.On(last);
    }

    private void Renew()
    {
        lock (gate)
        {
            if (!ended && renewing.IsCompleted)
                renewing = Claim();
        }
    }

    // A renewal that fails is made up for by the next; a lease that is lost is settled at the commit, where the first record wins.
    private async Task Claim()
    {
        await Task.Yield();
        try
        {
            await stage.Claim(owner);
        }
#pragma warning disable CA1031 // As said: whatever it was, the commit tells.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
