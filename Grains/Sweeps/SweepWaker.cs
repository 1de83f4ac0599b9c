using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// On every silo: when it has joined, and whenever a silo is lost, the sweeps that are under way are activated, so that none waits for a client or for
/// its reminder.
/// </summary>
public sealed partial class SweepWaker(
    IGrainFactory grains, IClusterMembershipService membership, IOptions<GridOptions> options, TimeProvider clock, ILogger<SweepWaker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource down = new();
    private Task watching = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(SweepWaker),
        ServiceLifecycleStage.Active + 1,
        _ =>
        {
            if (options.Value.ResumeUnasked)
                watching = Task.Run(Watch, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await down.CancelAsync();
            await watching;
        });

    /// <inheritdoc/>
    public void Dispose() => down.Dispose();

    private async Task Watch()
    {
        var known = new HashSet<SiloAddress>();
        var joined = false;
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(down.Token))
            {
                var live = snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToHashSet();
                var lost = known.Except(live).ToArray();
                if (joined && lost.Length == 0)
                {
                    known = live;
                    continue;
                }

                LogWakes(lost.Length);
                (known, joined) = (live, true);
                await Wake();
            }
        }
        catch (OperationCanceledException) when (down.IsCancellationRequested)
        {
        }
    }

    // The index may itself have been on the lost silo.
    private async Task Wake()
    {
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, TimeSpan.FromSeconds(5).Ticks)))
        {
            try
            {
                await grains.GetGrain<ISweepIndexGrain>(0).Wake().WaitAsync(down.Token);
                return;
            }
            catch (Exception passing) when (Transient.Is(passing))
            {
                LogNotWoken(passing);
            }
#pragma warning disable CA1031 // Asking again would not help, and the next silo that is lost is to be noticed all the same.
            catch (Exception lasting)
#pragma warning restore CA1031
            {
                LogGivenUp(lasting);
                return;
            }

            await Task.Delay(pause, clock, down.Token);
        }
    }

    [LoggerMessage(LogLevel.Information, "wakes the sweeps under way; {Lost} silos have left since the last look")]
    private partial void LogWakes(int lost);

    [LoggerMessage(LogLevel.Warning, "could not wake the sweeps; tries again")]
    private partial void LogNotWoken(Exception passing);

    [LoggerMessage(LogLevel.Error, "could not wake the sweeps; their reminders do within a minute")]
    private partial void LogGivenUp(Exception lasting);
}
