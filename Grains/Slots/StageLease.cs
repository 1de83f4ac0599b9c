using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>Renews the right to run a stage, off the thread that runs it, until it is disposed. No renewal is under way after that.</summary>
internal sealed class StageLease : IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly Task renewing;
    private int disposed;

    private StageLease(IStageGrain stage, string owner, TimeSpan period, TimeProvider clock) =>
        renewing = Task.Run(() => Renew(stage, owner, period, clock));

    /// <summary>Renews from now on, once in each <paramref name="period"/>.</summary>
    public static StageLease Renewing(IStageGrain stage, string owner, TimeSpan period, TimeProvider clock) => new(stage, owner, period, clock);

    /// <summary>Safe to repeat, from any thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;

        ended.Cancel();
        renewing.GetAwaiter().GetResult();
        ended.Dispose();
    }

    // A renewal that fails is made up for by the next; a lease that is lost is settled at the commit, where the first record wins.
    private async Task Renew(IStageGrain stage, string owner, TimeSpan period, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                try
                {
                    await stage.Claim(owner);
                }
                catch (Exception failed) when (Transient.Is(failed))
                {
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
    }
}
