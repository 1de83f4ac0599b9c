using System.Collections.Immutable;
using OxyPlot;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>Variants that are drawn alike. Shape and colour tell the kind; a filled marker is a 2:4 network, or made from one.</summary>
/// <param name="Title">Its name in the legend.</param>
internal sealed record PlotGroup(string Title, MarkerType Marker, PlotColor Color, bool Filled)
{
    private static readonly PlotGroup DivergedGroup = new("diverged", MarkerType.Cross, PlotColor.Muted, Filled: false);

    private static readonly ImmutableArray<PlotGroup> Groups =
    [
        new("dense FP32", MarkerType.Circle, PlotColor.Dense, Filled: false), new("2:4 FP32", MarkerType.Square, PlotColor.Sparse, Filled: true),
        new("PTQ", MarkerType.Triangle, PlotColor.Ptq, Filled: false), new("PTQ of 2:4", MarkerType.Triangle, PlotColor.Ptq, Filled: true),
        new("QAT", MarkerType.Diamond, PlotColor.Qat, Filled: false), new("QAT of 2:4", MarkerType.Diamond, PlotColor.Qat, Filled: true), DivergedGroup,
    ];

    /// <summary>All groups, in the order of the legend.</summary>
    public static ImmutableArray<PlotGroup> All => Groups;

    /// <summary>True where the training of its variants, or of what they are made from, diverged.</summary>
    public bool Diverged => this == DivergedGroup;

    /// <summary>The group of a finished row.</summary>
    public static PlotGroup Of(TrialRow row, IReadOnlyList<TrialRow> rows)
    {
        if (Lineage.Diverged(row, rows) is not null)
            return DivergedGroup;

        var sparse = Lineage.Of(row, rows).Any(at => at.Kind == VariantKind.Sparse);
        return row.Kind switch
        {
            VariantKind.Dense => Groups[0],
            VariantKind.Sparse => Groups[1],
            VariantKind.Ptq => Groups[sparse ? 3 : 2],
            _ => Groups[sparse ? 5 : 4],
        };
    }
}
