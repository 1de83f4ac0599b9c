namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Which patterns a permutation of channels may stand before.</summary>
internal static class PermuteRule
{
    /// <summary>Why that search cannot stand before that pattern; null where it can.</summary>
    public static string? Problem(string search, string pattern) =>
        search == "none" || pattern == "m4n2_1d"
            ? null
            : $"'{search}' reorders channels for groups of four along the input channels, the pattern m4n2_1d, and the pattern is '{pattern}': what it gains there is not "
                + "what that pattern keeps. Take search none, or the pattern m4n2_1d.";
}
