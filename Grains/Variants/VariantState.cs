using System.Collections.Immutable;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Variants;

/// <summary>What a variant remembers: which run owns it, where, and who wants to know.</summary>
/// <param name="Epoch">Lease epoch of the last run; 0 before the first.</param>
/// <param name="Running">True from before the run is handed to its slot until its last report.</param>
/// <param name="Silo">Address of the silo that runs it; empty where none did.</param>
/// <param name="Watchers">Sweeps that are told what the run reports.</param>
/// <param name="Leaving">Those of them that asked to stop; the run ends when all have.</param>
/// <param name="Lost">Runs in a row that were lost with their silo: they never told how they ended.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-state"), StateSchema("variant", 1)]
public sealed record VariantState(int Epoch, bool Running, string Silo, ImmutableSortedSet<string> Watchers, ImmutableSortedSet<string> Leaving,
    int Lost = 0)
{
    /// <summary>A variant that has not run.</summary>
    public VariantState()
        : this(0, false, "", [], [])
    {
    }

    /// <summary>A new run begins: the next epoch. Watchers of a run that was lost with its silo stay, those of an ended one are done.</summary>
    public VariantState Begun(string sweep, string silo) =>
        new(Epoch + 1, true, silo, Running ? Watchers.Add(sweep) : [sweep], [], Running ? Lost + 1 : 0);

    /// <summary>One more sweep watches, or wants again what it had asked to stop.</summary>
    public VariantState Joined(string sweep) => this with { Watchers = Watchers.Add(sweep), Leaving = Leaving.Remove(sweep) };

    /// <summary>A sweep no longer wants the run.</summary>
    public VariantState Left(string sweep) => this with { Leaving = Leaving.Add(sweep).Intersect(Watchers) };

    /// <summary>The run is over.</summary>
    public VariantState Ended() => this with { Running = false, Lost = 0 };

    /// <summary>True where the run that is to begin would follow on as many lost ones as <paramref name="most"/>.</summary>
    public bool LostTooOften(int most) => Running && Lost + 1 >= most;

    /// <summary>True where every watcher has asked to stop.</summary>
    public bool Unwanted => Leaving.SetEquals(Watchers);
}
