using System.Collections.Immutable;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Progress;

/// <summary>Finds the trials that have ended since it was last asked, each once.</summary>
/// <param name="rows">Gives all rows of the sweep; asked of sweeps of up to 200 trials, at most once a second and at the end.</param>
public sealed class EndedTrials(Func<Task<ImmutableArray<TrialRow>>> rows, TimeProvider clock)
{
    private const int MostTrials = 200;
    private static readonly TimeSpan BetweenRows = TimeSpan.FromSeconds(1);
    private readonly HashSet<int> told = [];
    private long lastRows;

    /// <summary>Those not given before, in the order of the sweep; none before a second has passed, but for the last status.</summary>
    public async Task<ImmutableArray<TrialRow>> Of(SweepStatus status)
    {
        if (status.Trials > MostTrials || status.Finished + status.Failed <= told.Count)
            return [];
        var now = clock.GetTimestamp();
        if (lastRows != 0 && status.State == SweepState.Active && clock.GetElapsedTime(lastRows, now) < BetweenRows)
            return [];

        lastRows = now;
        return [.. (await rows()).Where(row => row.State is TrialState.Finished or TrialState.Failed && told.Add(row.Index))];
    }
}
