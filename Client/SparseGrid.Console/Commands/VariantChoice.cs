using System.Globalization;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Commands;

/// <summary>The trial that a command line names.</summary>
internal static class VariantChoice
{
    private const int FewestDigits = 4;
    private const int MostShown = 30;

    /// <summary>The trial, with a result.</summary>
    /// <exception cref="InputException">None or several are named so, or it has no result.</exception>
    public static TrialRow Of(string named, IReadOnlyList<TrialRow> rows, SweepSpec spec)
    {
        var row = named == ExportArguments.Recommended ? RecommendedOf(rows, spec) : Named(named, rows, "--variant");
        return row.Result is not null ? row : throw new InputException($"{row.Path} has no result: it is {row.State.ToString().ToLowerInvariant()}. Run the sweep to its end first.");
    }

    private static TrialRow RecommendedOf(IReadOnlyList<TrialRow> rows, SweepSpec spec)
    {
        var recommendation = Recommendation.Of(rows, spec.Goals);
        return recommendation.Index is { } index
            ? rows.First(row => row.Index == index)
            : throw new InputException($"{recommendation.Reason} Name a variant with --variant.");
    }

    /// <summary>The trial of that path, index, or identity's first digits, with a result or without.</summary>
    /// <param name="what">What the user gave it as, for the message.</param>
    /// <exception cref="InputException">None or several are named so; tells the nearest.</exception>
    public static TrialRow Named(string named, IReadOnlyList<TrialRow> rows, string what)
    {
        var found = rows.Where(row => row.Path == named).ToArray();
        if (found.Length == 0 && int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            found = [.. rows.Where(row => row.Index == index)];
        if (found.Length == 0 && named.Length >= FewestDigits)
            found = [.. rows.Where(row => row.Variant.Value.StartsWith(named, StringComparison.Ordinal)).DistinctBy(row => row.Variant)];
        return found switch
        {
            [var one] => one,
            [] => throw new InputException($"{what} is {named}: no trial has that path, index or identity. {Near(named, rows)}"),
            _ => throw new InputException($"{what} is {named}: that is {Listed(found)}. Give an index."),
        };
    }

    private static string Near(string named, IReadOnlyList<TrialRow> rows)
    {
        var near = NearWords.Of(named, [.. rows.Select(row => row.Path).Distinct()]);
        return near.Count == 0 ? $"There are {Listed(rows)}." : $"Nearest are {Listed([.. rows.Where(row => near.Contains(row.Path))])}; of all trials: 0 to {rows.Max(row => row.Index)}.";
    }

    private static string Listed(IReadOnlyList<TrialRow> rows) =>
        string.Join(", ", rows.Take(MostShown).Select(row => $"{row.Index} '{row.Path}'")) + (rows.Count > MostShown ? $" and {rows.Count - MostShown} more" : "");
}
