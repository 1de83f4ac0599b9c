using System.Collections.Immutable;
using System.Globalization;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>A colour of plots and pages: what it is for, and how it looks on a light and on a dark page.</summary>
/// <param name="Name">Name of its CSS variable.</param>
/// <param name="Light">#rrggbb; no two colours share it, so that it tells the colour in a drawn plot.</param>
/// <param name="Dark">#rrggbb.</param>
public sealed record PlotColor(string Name, string Light, string Dark)
{
    /// <summary>Behind everything.</summary>
    public static PlotColor Paper { get; } = new("paper", "#fffffe", "#14181d");

    /// <summary>Text.</summary>
    public static PlotColor Ink { get; } = new("ink", "#1b1f24", "#e4e8ec");

    /// <summary>Lesser text and axes.</summary>
    public static PlotColor Muted { get; } = new("muted", "#5b6470", "#9aa5b1");

    /// <summary>Lines of tables and grids.</summary>
    public static PlotColor Grid { get; } = new("grid", "#e1e5ea", "#2c333b");

    /// <summary>Dense networks.</summary>
    public static PlotColor Dense { get; } = new("dense", "#3d4650", "#c3ccd5");

    /// <summary>2:4 networks; this and the next two are told apart by readers who do not see red or green (Okabe and Ito).</summary>
    public static PlotColor Sparse { get; } = new("sparse", "#0072b2", "#56b4e9");

    /// <summary>Post-training quantization.</summary>
    public static PlotColor Ptq { get; } = new("ptq", "#d55e00", "#ff9d4d");

    /// <summary>Quantization-aware training.</summary>
    public static PlotColor Qat { get; } = new("qat", "#009e73", "#3fd0a4");

    /// <summary>The Pareto front.</summary>
    public static PlotColor Front { get; } = new("front", "#8a94a0", "#6b7682");

    /// <summary>Goals and what meets them.</summary>
    public static PlotColor Goal { get; } = new("goal", "#2e7d32", "#7bc67f");

    /// <summary>Background of what meets the goals.</summary>
    public static PlotColor Met { get; } = new("met", "#eef7ee", "#1a2a1e");

    /// <summary>All of them.</summary>
    public static ImmutableArray<PlotColor> All { get; } = [Paper, Ink, Muted, Grid, Dense, Sparse, Ptq, Qat, Front, Goal, Met];

    /// <summary>The light colour as a drawing has it: rgb(27,31,36).</summary>
    public string Drawn => string.Create(CultureInfo.InvariantCulture, $"rgb({Channel(1)},{Channel(3)},{Channel(5)})");

    private byte Channel(int at) => byte.Parse(Light.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
