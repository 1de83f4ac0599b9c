using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Exports;

/// <summary>Everything about an ended sweep: what <c>--json</c> writes, in this order.</summary>
/// <param name="Goals">Each goal of the spec; they are checked on the validation split.</param>
/// <param name="Recommendation">The variant to deploy, or why there is none.</param>
public sealed record ResultDocument(
    SweepStatus Sweep, SweepPlan Plan, ImmutableArray<Goal> Goals, ImmutableArray<TrialRow> Rows, Recommendation Recommendation);
