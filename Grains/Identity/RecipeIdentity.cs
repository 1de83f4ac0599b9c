using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Identity;

/// <summary>Who a variant is.</summary>
public static class RecipeIdentity
{
    /// <summary>SHA-256 of the recipe's canonical JSON: kind, parent, model, data, numerics, stages with their parameters, seed.</summary>
    public static VariantId Of(Recipe recipe) => new(Sha256.OfJson(recipe));
}
