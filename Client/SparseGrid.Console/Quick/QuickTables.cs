using System.Collections.Immutable;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console.Quick;

/// <summary>The tables of a quick analysis, for terminal and page.</summary>
internal static class QuickTables
{
    private const string None = "–";

    /// <summary>The dense network and each method, on the images to evaluate.</summary>
    public static ImmutableArray<TextColumn> Methods(QuickResult result)
    {
        var methods = result.Methods;
        var dense = result.Dense!;
        var timed = result.BestMethod?.Latency ?? methods.Select(method => method.Latency).FirstOrDefault(latency => latency is not null);
        TextColumn Column(string heading, string first, Func<QuickMethod, string> cell, bool left = false) => new(heading, [first, .. methods.Select(cell)], left);
        string Ms(QuickMethod method, Func<QuickLatency, double> value, int decimals) => method.Latency is { } latency ? Words.Fixed(value(latency), decimals) : None;
        return
        [
            Column("method", "dense FP32", method => method.Method + (method.Method == result.Best ? " *" : ""), left: true),
            .. dense.Top1 is { } top1 ? new[] { Column("top-1 %", Words.Percent(top1), method => Words.Percent(method.Evaluation.Top1!.Value)) } : [],
            Column("agree %", Words.Percent(1), method => Words.Percent(method.Evaluation.Agreement)),
            Column("score error", "0", method => QuickWords.Error(method.Evaluation.ScoreError)),
            Column("median ms", timed is null ? None : Words.Fixed(timed.DenseMedianMs, 3), method => Ms(method, latency => latency.MedianMs, 3)),
            Column("p99 ms", timed is null ? None : Words.Fixed(timed.DenseP99Ms, 3), method => Ms(method, latency => latency.P99Ms, 3)),
            Column("speed-up", timed is null ? None : "1.00x", method => method.Latency is null ? None : Ms(method, latency => latency.SpeedUp, 2) + "x"),
            Column("KiB", Words.Fixed(result.Model.DenseBytes / 1024.0, 1), method => Words.Fixed(method.Bytes / 1024.0, 1)),
        ];
    }

    /// <summary>Layers in the order given.</summary>
    public static ImmutableArray<TextColumn> Layers(ImmutableArray<LayerSensitivity> layers, bool labels) =>
    [
        new("layer", [.. layers.Select(layer => layer.Layer)], Left: true),
        new("weight", [.. layers.Select(layer => layer.Shape)], Left: true),
        .. labels ? new[] { new TextColumn("top-1 %", [.. layers.Select(layer => Words.Percent(layer.Figures.Top1!.Value))]) } : [],
        new("agree %", [.. layers.Select(layer => Words.Percent(layer.Figures.Agreement))]),
        new("score error", [.. layers.Select(layer => QuickWords.Error(layer.Figures.ScoreError))]),
    ];

    /// <summary>Images whose class changed.</summary>
    public static ImmutableArray<TextColumn> Flips(QuickResult result, int most)
    {
        FlippedPicture[] flips = [.. result.Flips.Take(most)];
        return
        [
            new("image", [.. flips.Select(flip => flip.Image)], Left: true),
            .. result.Images.HasLabels ? new[] { new TextColumn("is", [.. flips.Select(flip => QuickWords.Class(result, flip.Label!.Value))], Left: true) } : [],
            new("dense", [.. flips.Select(flip => QuickWords.Class(result, flip.Before))], Left: true),
            new("INT8", [.. flips.Select(flip => QuickWords.Class(result, flip.After))], Left: true),
            new("dense by", [.. flips.Select(flip => Words.Fixed(flip.MarginBefore, 3))]),
            new("INT8 by", [.. flips.Select(flip => Words.Fixed(flip.MarginAfter, 3))]),
        ];
    }
}
