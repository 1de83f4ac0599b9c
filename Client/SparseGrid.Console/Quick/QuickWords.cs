using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console.Quick;

/// <summary>What terminal and page say of a quick analysis in the same words.</summary>
internal static class QuickWords
{
    /// <summary>The network.</summary>
    public static string Network(QuickModel model) => string.Create(
        CultureInfo.InvariantCulture,
        $"{model.File}: {model.Input}, {model.Classes} classes, {Words.Count(model.WeightedLayers, "layer")} with weights, {model.Parameters:N0} parameters");

    /// <summary>The images and what they are for.</summary>
    public static string Images(QuickImages images)
    {
        var used = images.Calibration + images.Choice + images.Evaluation;
        return $"{(used == images.Found ? $"{used}" : $"{used} of {images.Found}")}, {images.Source}: {images.Calibration} to calibrate, {images.Choice} to choose by, "
            + $"{images.Evaluation} to evaluate (seed {images.Seed}{(images.HasLabels ? ", classes in balance" : ", classes not known")}); preprocessing {images.Preprocessing}";
    }

    /// <summary>Whether the exported float file does what the user's own does; null where that was not looked at.</summary>
    public static string? SameClass(QuickModel model) => model.SameClass is { } same && model.Compared > 0
        ? $"your file and the float file that is exported here put {same} of {Words.Count(model.Compared, "image")} into the same class"
        : null;

    /// <summary>What was left out, what is not known, what a reader of the numbers has to know.</summary>
    public static IEnumerable<string> Notes(QuickResult result)
    {
        foreach (var note in result.Model.Notes.Concat(result.Images.Notes))
            yield return note;
        if (!result.Images.HasLabels)
            yield return "No labels: agreement with the dense network stands for accuracy.";
        if (result.Dense is { Top1: < 0.5 and var low })
            yield return $"The dense network is right for {Words.Percent(low)} %: if that is less than it should be, the preprocessing is not that of its training (--preprocess, --mean, --std).";
        if (result.Environment.Caveat is { } caveat)
            yield return caveat;
    }

    /// <summary>Which method to take, and why.</summary>
    public static string? Verdict(QuickResult result)
    {
        if (result is not { BestMethod: { } best, Dense: { } dense })
            return null;
        var on = Words.Count(result.Images.Choice, "image");
        var why = result.Methods.Length < 4 ? $"the best of {Words.Count(result.Methods.Length, "method")} that were done"
            : best.Choice.Top1 is { } right ? $"most right of the {on} to choose by ({Words.Percent(right)} %), then the smallest score error"
            : $"most like the dense network on the {on} to choose by ({Words.Percent(best.Choice.Agreement)} %), then the smallest score error";
        var costs = best.Evaluation.Top1 is { } top1
            ? $"top-1 {Words.Percent(top1)} %, {Words.Points(top1 - dense.Top1!.Value)} points against dense"
            : $"the dense network's class for {Words.Percent(best.Evaluation.Agreement)} %";
        var speed = best.Latency is { } latency ? $", {Words.Fixed(latency.SpeedUp, 2)}x as fast" : "";
        var start = IsSlower(result) ? $"INT8 is slower than float here. Of its files the best is {best.Method}" : $"Take {best.Method}";
        return $"{start}: {why}. On the {Words.Count(result.Images.Evaluation, "image")} to evaluate: {costs}{speed}, "
            + $"{Words.Fixed(100.0 * best.Bytes / result.Model.DenseBytes, 0)} % of the size.";
    }

    /// <summary>True where the best file was timed, and is no faster than the dense one.</summary>
    public static bool IsSlower(QuickResult result) => result.BestMethod?.Latency is { SpeedUp: < 1 };

    /// <summary>What the rows of layers are.</summary>
    public static string Layers(QuickResult result) =>
        $"Each layer alone in INT8 by {result.Best}, all others in float, on the {Words.Count(result.Images.Choice, "image")} to choose by"
        + (result.Layers.Length < result.Model.WeightedLayers ? $"; {result.Layers.Length} of {result.Model.WeightedLayers} layers were done" : "");

    /// <summary>The layers, costliest first.</summary>
    public static ImmutableArray<LayerSensitivity> Costliest(QuickResult result) => [.. result.Layers.OrderByDescending(layer => layer.Figures.ScoreError)];

    /// <summary>How many classes changed.</summary>
    public static string Flips(QuickResult result)
    {
        var flips = result.Flips;
        var counts = result.Images.HasLabels && flips.Length > 0
            ? $": {flips.Count(flip => flip.Label == flip.Before)} lost (dense was right), {flips.Count(flip => flip.Label == flip.After)} gained, "
                + $"{flips.Count(flip => flip.Label != flip.Before && flip.Label != flip.After)} wrong both times"
            : "";
        return $"{result.Best} changes the class of {flips.Length} of {Words.Count(result.Images.Evaluation, "image")}{counts}";
    }

    /// <summary>A class by name, or by number where it has none.</summary>
    public static string Class(QuickResult result, int label) => result.Images.ClassNames.IsEmpty ? label.ToString(CultureInfo.InvariantCulture) : result.Images.ClassNames[label];

    /// <summary>An error of scores: 7.7e-4.</summary>
    public static string Error(double error) => error == 0 ? "0" : error.ToString("0.0e-0", CultureInfo.InvariantCulture);

    /// <summary>What the columns are.</summary>
    public const string Legend =
        "agree: images put into the dense network's class; score error: mean squared difference of the scores to the dense network's, over their mean square; "
        + "latency: medians of calls in turn with the dense float file";
}
