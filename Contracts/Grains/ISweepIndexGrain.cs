using System.Collections.Immutable;
using Orleans.Concurrency;

namespace SparseGrid.Contracts.Grains;

/// <summary>The names of all sweeps that were ever submitted, and which of them are under way. Grain storage cannot be listed; this can. Key 0.</summary>
[Alias("sparsegrid.ISweepIndexGrain")]
public interface ISweepIndexGrain : IGrainWithIntegerKey
{
    /// <summary>A sweep was submitted, or goes on.</summary>
    [Alias("Entered")]
    Task Entered(string sweep);

    /// <summary>A sweep ended, or was stopped.</summary>
    [Alias("Left")]
    Task Left(string sweep);

    /// <summary>A sweep is no more. Safe to repeat.</summary>
    [Alias("Forget")]
    Task Forget(string sweep);

    /// <summary>All names, sorted.</summary>
    [Alias("Names"), AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task<ImmutableArray<string>> Names();

    /// <summary>Activates each sweep that is under way: its coordinator may have been on a silo that is lost. Safe to repeat.</summary>
    [Alias("Wake"), AlwaysInterleave]
    Task Wake();
}
