using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Grains;

/// <summary>The right to run one variant's stages on one slot, and all that the silo needs to do it.</summary>
/// <param name="Sweep">The sweep that asks; it watches the variant from now on.</param>
/// <param name="ResultKey">Key under which the result is committed.</param>
/// <param name="ParentResultKey">Key of the parent's result; null for a dense variant.</param>
/// <param name="DenseResultKey">Key of the dense ancestor's result, the baseline of accuracy and latency; null for a dense variant.</param>
/// <param name="Silo">Address of the silo whose slot was reserved.</param>
/// <param name="AfterStages">What follows the recipe: evaluate on validation, evaluate on test, compare with the dense ancestor, measure.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.assignment")]
public sealed record Assignment(
    VariantId Variant, Recipe Recipe, string Sweep, DataSettings Data, MeasureSettings Measure,
    string ResultKey, string? ParentResultKey, string? DenseResultKey, SiloAddress Silo,
    ImmutableArray<Stage> AfterStages);
