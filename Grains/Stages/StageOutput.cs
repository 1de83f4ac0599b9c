using System.Collections.Immutable;

namespace SparseGrid.Grains.Stages;

/// <summary>What a stage made: artifacts by role, named numbers, sentences for the report.</summary>
public sealed record StageOutput(
    ImmutableSortedDictionary<string, string> Artifacts, ImmutableSortedDictionary<string, double> Numbers, ImmutableArray<string> Notes);
