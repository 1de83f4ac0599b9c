using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Planning;

/// <summary>One trial of a plan, with all that is needed to run it.</summary>
/// <param name="Index">Its index in the sweep.</param>
/// <param name="Path">Its place in the tree, for people: dense lr=0.05/sparse/ptq entropy #2.</param>
/// <param name="Parent">Index of the trial it starts from; −1 for a dense one.</param>
/// <param name="Dense">Index of its dense ancestor; its own for a dense one.</param>
/// <param name="AfterStages">What is done with the deployed file: evaluate on validation, evaluate on test, compare with the dense ancestor, measure. No part of the recipe.</param>
public sealed record PlannedVariant(int Index, string Path, Recipe Recipe, VariantId Variant, int Parent, int Dense, ImmutableArray<Stage> AfterStages);
