using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Runs of one variant that failed.</summary>
/// <param name="Classes">The class of each failure, in order; never empty.</param>
/// <param name="Silos">Addresses of the silos it failed on.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.failed-attempts")]
public sealed record FailedAttempts(ImmutableArray<FailureClass> Classes, ImmutableSortedSet<string> Silos);
