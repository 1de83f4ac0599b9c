using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec;

/// <summary>One named exploration: a tree of variants over a space of settings, the goals they are judged by, and what may be spent.</summary>
/// <param name="Sweep">Name, [a-z0-9-]{1,63}.</param>
/// <param name="Seed">Seed of the first replicate; replicate r uses Seed + r.</param>
/// <param name="Replicates">How often the whole tree is run, each time with its own seed. At least 1.</param>
/// <param name="Source">The files of a network that the user brings; null for a builder's that is trained from the seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.sweep-spec")]
public sealed record SweepSpec(
    string Sweep, int Seed, ModelSettings Model, DataSettings Data, NumericsSettings Numerics, VariantSpace Variants, MeasureSettings Measure,
    ImmutableArray<Goal> Goals, int Replicates, BudgetSettings Budget, ModelSource? Source = null);
