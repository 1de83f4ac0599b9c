using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Grains;

/// <summary>News of one run of a variant.</summary>
/// <param name="Epoch">Lease epoch of the run; a smaller one than the last seen is stale.</param>
/// <param name="Sequence">Grows by one within an epoch; a repeat is ignored.</param>
/// <param name="Progress">What it does now; null with an outcome.</param>
/// <param name="Outcome">How the run ended; null while it runs.</param>
/// <param name="StagesExecuted">Kinds of the stages that ran since the last report.</param>
/// <param name="StagesReused">Kinds of the stages answered by a record since the last report.</param>
/// <param name="Silo">Name of the silo that runs it.</param>
/// <param name="Address">Its address.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-report")]
public sealed record VariantReport(
    VariantId Variant, int Epoch, long Sequence, StageProgress? Progress, RunOutcome? Outcome,
    ImmutableArray<string> StagesExecuted, ImmutableArray<string> StagesReused, string Silo = "",
    SiloAddress? Address = null);
