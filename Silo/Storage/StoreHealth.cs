namespace SparseGrid.Silo.Storage;

/// <summary>Tells a passing trouble of the grid's database from a lasting one.</summary>
/// <param name="clock">Tells the time between failures.</param>
public sealed class StoreHealth(TimeProvider clock)
{
    /// <summary>Grains try again by themselves; what fails for so long, without one success between, will not mend while the process waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<IOException> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private long? failingSince;

    /// <summary>Ends with the fault when the database has failed for longer than <see cref="Patience"/>; otherwise never.</summary>
    public Task<IOException> Lost => lost.Task;

    /// <summary>A read or write went well.</summary>
    public void Worked()
    {
        lock (gate)
            failingSince = null;
    }

    /// <summary>A read or write failed.</summary>
    public void Failed(GridDatabaseException fault)
    {
        lock (gate)
        {
            failingSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(failingSince.Value) >= Patience)
                lost.TrySetResult(fault);
        }
    }
}
