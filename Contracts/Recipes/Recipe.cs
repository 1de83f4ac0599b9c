using System.Collections.Immutable;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Recipes;

/// <summary>The canonical description of a variant. The SHA-256 of its canonical JSON is the variant's identity and its grain's key.</summary>
/// <param name="Parent">Identity of the variant it starts from; null for a dense one.</param>
/// <param name="Stages">What makes it, in order, up to and with the export; evaluation and measurement are no part of what a variant is.</param>
/// <param name="Seed">Every random draw of its stages is a function of this seed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.recipe")]
public sealed record Recipe(
    VariantKind Kind, VariantId? Parent, ModelSettings Model, DataIdentity Data, NumericsFingerprint Numerics, ImmutableArray<Stage> Stages, int Seed);
