using SparseGrid.Contracts.Results;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>What is held against accuracy: the horizontal axis of a plot.</summary>
/// <param name="Title">Title of the axis.</param>
/// <param name="ShortTitle">The same for a phone.</param>
/// <param name="Metric">The goal that bounds it.</param>
/// <param name="MoreIsBetter">False where less is.</param>
/// <param name="X">Value of a result.</param>
/// <param name="Bound">The goal's bound on the axis, of a dense baseline.</param>
/// <param name="Floats">The form of networks of floats that the value is of.</param>
public sealed record TradeOff(
    string Title, string ShortTitle, string Metric, bool MoreIsBetter, Func<VariantResult, double> X, Func<double, VariantResult, double> Bound, string Floats = "FP32")
{
    /// <summary>Speed-up: its baseline was measured between the calls, so that drifts of the machine cancel, and goals are ratios too.</summary>
    public static TradeOff Speed { get; } = new(
        "speed-up over dense FP32 (ratio of median latencies)", "speed-up over dense FP32", "latency_ratio", MoreIsBetter: true,
        result => result.Latency.SpeedUp, (atMost, _) => 1 / atMost);

    /// <summary>The same over another baseline than FP32, which measures networks of floats in its form.</summary>
    /// <param name="baseline">dense FP16.</param>
    public static TradeOff SpeedOver(string baseline) => Speed with
    {
        Floats = baseline.Replace("dense ", "", StringComparison.Ordinal),
        Title = Speed.Title.Replace("dense FP32", baseline, StringComparison.Ordinal), ShortTitle = Speed.ShortTitle.Replace("dense FP32", baseline, StringComparison.Ordinal),
    };

    /// <summary>Size of the exported file.</summary>
    public static TradeOff Size { get; } = new(
        "size of the exported file, KiB", "file size, KiB", "size_ratio", MoreIsBetter: false,
        result => result.FileBytes / 1024.0, (atMost, dense) => atMost * dense.FileBytes / 1024.0);

    /// <summary>The value with a sign that makes more the better.</summary>
    public double Gain(VariantResult result) => MoreIsBetter ? X(result) : -X(result);
}
