using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Bundles;

/// <summary>The variant that the file is of.</summary>
/// <param name="Recipe">SHA-256 of <c>recipe.json</c>, the variant's identity.</param>
/// <param name="DataDigest">Digest of the data that it was trained and evaluated on.</param>
public sealed record BundleSource(string Sweep, string Variant, VariantKind Kind, string Recipe, string? ParentRecipe, int Seed, string DataDigest);
