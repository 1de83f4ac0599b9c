using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What follows a failure of a class.</summary>
/// <param name="Attempts">Failures of that class after which the trial has failed; 1 is never to run again by itself.</param>
/// <param name="Elsewhere">True where the next attempt avoids the silos it failed on, if another has a slot.</param>
/// <param name="Pauses">True where the next attempt waits, twice as long each time.</param>
public sealed record FailurePolicy(int Attempts, bool Elsewhere, bool Pauses)
{
    private static readonly FailurePolicy Final = new(1, Elsewhere: false, Pauses: false);

    /// <summary>The table.</summary>
    public static FailurePolicy Of(FailureClass failure) => failure switch
    {
        // Others' memory comes free again, and another machine may have more.
        FailureClass.OutOfMemory => new(3, Elsewhere: true, Pauses: true),

        // The silo that it failed on ends, so each attempt costs a process.
        FailureClass.Device => new(3, Elsewhere: true, Pauses: false),

        // One machine may be slow; two are a sign of the stage.
        FailureClass.Timeout => new(2, Elsewhere: true, Pauses: false),

        // Of runs lost with their silo, in a row: a run that kills its process (memory that the kernel takes back) would otherwise take down every silo, again and
        // again. A stop or a drain is no failure and is not counted.
        FailureClass.Preempted => new(10, Elsewhere: true, Pauses: false),

        // 5 s to 80 s, 155 s in all: longer than a store takes to be started again, and whoever watches a disk to make room.
        FailureClass.Storage => new(6, Elsewhere: true, Pauses: true),

        // Equal inputs give equal bytes, so they give equal failures too.
        FailureClass.NotFinite or FailureClass.BadInput or FailureClass.Code => Final,
        _ => Final,
    };
}
