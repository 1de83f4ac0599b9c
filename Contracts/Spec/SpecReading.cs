using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec;

/// <summary>What came of reading a sweep spec: the spec, or everything that is wrong with it.</summary>
/// <param name="Spec">Null where there is a problem.</param>
/// <param name="Problems">Every fault, in the order of the lines; empty where there is a spec.</param>
public sealed record SpecReading(SweepSpec? Spec, ImmutableArray<SpecProblem> Problems);
