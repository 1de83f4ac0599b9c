using System.Globalization;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Stages;

/// <summary>Who claims a stage, as text: variant and lease epoch, <c>3f2a…/4</c>.</summary>
public static class StageOwner
{
    /// <summary>The owner's name.</summary>
    public static string Of(VariantId variant, int epoch) => $"{variant}/{epoch}";

    /// <summary>True for the owner itself, and for a later run of the same variant: its earlier run has lost the variant already.</summary>
    public static bool Supersedes(string caller, string owner)
    {
        if (caller == owner)
            return true;

        var (variant, epoch) = Parse(caller);
        var (held, heldEpoch) = Parse(owner);
        return variant == held && epoch > heldEpoch;
    }

    private static (string Variant, int Epoch) Parse(string owner)
    {
        var slash = owner.LastIndexOf('/');
        return slash > 0 && int.TryParse(owner.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? (owner[..slash], epoch)
            : (owner, 0);
    }
}
