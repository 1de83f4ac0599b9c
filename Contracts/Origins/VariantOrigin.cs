using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Contracts.Origins;

/// <summary>Where a variant comes from: the tree of its inputs, written down in the order in which they are made.</summary>
/// <param name="Sweep">The sweep that has the trial.</param>
/// <param name="Submitted">When that sweep was submitted; stages that were made before were reused.</param>
/// <param name="Index">The trial.</param>
/// <param name="Reused">True where the whole result was there before the sweep asked.</param>
/// <param name="Stages">Its own stages, and those of its ancestors that it takes something from; each after those it takes from.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-origin")]
public sealed record VariantOrigin(
    string Sweep, DateTimeOffset Submitted, int Index, string Path, VariantId Variant, TrialState State, bool Reused, Recipe Recipe, ImmutableArray<StageOrigin> Stages);
