using System.Collections.Immutable;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>A finished variant in a plot.</summary>
/// <param name="X">On the trade-off's axis.</param>
/// <param name="Y">Test top-1 in percent, with the ends of its 95 % interval.</param>
/// <param name="OnFront">True where no other variant beats it in both.</param>
internal sealed record PlotPoint(TrialRow Row, PlotGroup Group, double X, double Y, double Low, double High, bool OnFront, bool Recommended)
{
    /// <summary>A point for each finished row whose value on the axis is finite.</summary>
    public static ImmutableArray<PlotPoint> Of(IReadOnlyList<TrialRow> rows, Recommendation recommendation, TradeOff tradeOff)
    {
        var finished = rows.Where(row => row.Result is { } result && double.IsFinite(tradeOff.X(result)) && double.IsFinite(result.Test.Top1)).ToArray();
        var sound = finished.Where(row => Lineage.Diverged(row, rows) is null);
        var front = ParetoFront.Of(sound, row => tradeOff.Gain(row.Result!), row => row.Result!.Test.Top1).Select(row => row.Index).ToHashSet();
        return
        [
            .. finished.Select(row => new PlotPoint(
                row, PlotGroup.Of(row, rows), tradeOff.X(row.Result!), 100 * row.Result!.Test.Top1, 100 * row.Result.Test.Top1Low, 100 * row.Result.Test.Top1High,
                front.Contains(row.Index), row.Index == recommendation.Index)),
        ];
    }

    /// <summary>What it says when a reader points at it.</summary>
    public string Sentence
    {
        get
        {
            var result = Row.Result!;
            return $"{Row.Path} ({Row.Variant.Short}): top-1 {Words.Percent(result.Test.Top1)} % [{Words.Percent(result.Test.Top1Low)}, {Words.Percent(result.Test.Top1High)}], "
                + $"{Words.Times(result.Latency.SpeedUp)}, median {Words.Milliseconds(result.Latency.MedianMs)} ms, {Words.Fixed(result.FileBytes / 1024.0, 1)} KiB"
                + $"{(Group.Diverged ? ", diverged" : "")}{(Recommended ? ", recommended" : "")}";
        }
    }

    /// <summary>What stands beside it: its path below the dense variant.</summary>
    public string Label
    {
        get
        {
            var path = Row.Path.IndexOf('/') is >= 0 and var slash ? Row.Path[(slash + 1)..] : Row.Path;
            return path.Length <= 28 ? path : path[..27] + "…";
        }
    }
}
