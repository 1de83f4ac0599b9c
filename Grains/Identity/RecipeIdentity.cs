using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Identity;

/// <summary>Who a variant is.</summary>
public static class RecipeIdentity
{
    /// <summary>SHA-256 of the recipe's canonical JSON: kind, parent, model, data, numerics, stages with their parameters, seed.</summary>
    /// <remarks>That of <see cref="CanonicalJson.Bytes"/>, put together from its parts: thousands of recipes of a plan share most of theirs.</remarks>
    public static VariantId Of(Recipe recipe) => new(Sha256.OfText(CanonicalJson.Object(
        ("kind", CanonicalJson.Text(recipe.Kind)),
        ("parent", recipe.Parent is { } parent ? CanonicalJson.Text(parent) : null),
        ("model", CanonicalJson.Remembered(recipe.Model)),
        ("data", CanonicalJson.Remembered(recipe.Data)),
        ("numerics", CanonicalJson.Remembered(recipe.Numerics)),
        ("stages", $"[{string.Join(',', recipe.Stages.Select(CanonicalJson.Remembered))}]"),
        ("seed", CanonicalJson.Text(recipe.Seed)))));
}
