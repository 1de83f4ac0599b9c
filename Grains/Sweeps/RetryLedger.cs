using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// Which variants failed, how often, and which may run again when and where. Works on what a sweep stores; a pause is kept in memory only, so a coordinator that
/// moves ends it. No clock of its own.
/// </summary>
/// <param name="attempts">By the first trial of the variant; written to.</param>
public sealed class RetryLedger(IDictionary<int, FailedAttempts> attempts, GridOptions options)
{
    private readonly Dictionary<int, TimeSpan> resting = [];

    /// <summary>Takes a failed run.</summary>
    /// <param name="silo">Address of the silo it failed on; null where it is not known.</param>
    /// <param name="now">Elapsed time of any one origin.</param>
    /// <returns>True where the variant is to run again; false where it has failed.</returns>
    public bool RunsAgain(int trial, FailureClass failure, SiloAddress? silo, TimeSpan now)
    {
        var before = attempts.TryGetValue(trial, out var known) ? known : new([], []);
        var after = new FailedAttempts(
            before.Classes.Add(failure), silo is null ? before.Silos : before.Silos.Add(silo.ToParsableString()));
        attempts[trial] = after;

        var policy = FailurePolicy.Of(failure);
        var count = after.Classes.Count(failed => failed == failure);
        if (count >= policy.Attempts || (failure == FailureClass.Storage && !options.WaitForStorage))
            return false;

        if (policy.Pauses)
            resting[trial] = now + (options.RetryPause * Math.Pow(2, count - 1));
        return true;
    }

    /// <summary>True while the variant waits for its pause to end.</summary>
    public bool Rests(int trial, TimeSpan now) => resting.TryGetValue(trial, out var end) && now < end;

    /// <summary>Silos that the next attempt avoids; empty for a variant that has not failed.</summary>
    public ImmutableArray<SiloAddress> Avoided(int trial) =>
        attempts.TryGetValue(trial, out var known) && FailurePolicy.Of(known.Classes[^1]).Elsewhere
            ? [.. known.Silos.Select(SiloAddress.FromParsableString)]
            : [];

    /// <summary>How many runs of the variant failed.</summary>
    public int Count(int trial) => attempts.TryGetValue(trial, out var known) ? known.Classes.Length : 0;

    /// <summary>Class of the last failure; null where none is known.</summary>
    public FailureClass? Last(int trial) => attempts.TryGetValue(trial, out var known) ? known.Classes[^1] : null;

    /// <summary>The variant finished, or a user lets it run again: as if it had never failed.</summary>
    public void Forget(int trial)
    {
        attempts.Remove(trial);
        resting.Remove(trial);
    }
}
