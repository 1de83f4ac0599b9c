using System.Collections.Immutable;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Planning;

/// <summary>Names settings in a variant's path: those that vary within their space, and no others. Which vary is found once for a whole space.</summary>
internal static class Labels
{
    private static readonly ImmutableArray<Field<TrainSettings>> Training =
    [
        new("epochs=", train => train.Epochs), new("batch=", train => train.BatchSize), new("lr=", train => train.LearningRate),
        new("", train => train.AdamW is null ? "sgd" : "adamw"), new("momentum=", train => train.AdamW is null ? train.Momentum : null),
        new("nesterov=", train => train.AdamW is not null ? null : train.Nesterov == true ? "yes" : "no"), new("beta1=", train => train.AdamW?.Beta1),
        new("beta2=", train => train.AdamW?.Beta2), new("epsilon=", train => train.AdamW?.Epsilon), new("wd=", train => train.WeightDecay), new("", train => train.Schedule),
        new("warmup=", train => train.WarmupEpochs), new("step=", train => train.Schedule == "step" ? train.StepEpochs : null),
        new("factor=", train => train.Schedule == "step" ? train.StepFactor : null), new("smoothing=", train => train.LabelSmoothing),
        new("shift=", train => train.ShiftPixels), new("flip=", train => train.Flip ? "yes" : "no"),
    ];

    private static readonly ImmutableArray<Field<PruneSettings>> Pruning = [new("", prune => prune.Pattern), new("exclude=", prune => prune.Exclude ?? "none")];

    private static readonly ImmutableArray<Field<PermuteSettings>> Permuting =
    [
        new("permute=", permute => permute.Search), new("escapes=", permute => permute.Reorders ? permute.Escapes : null),
        new("tries=", permute => permute.Reorders ? permute.Tries : null),
    ];

    private static readonly ImmutableArray<Field<CalibrateSettings>> Calibration =
    [
        new("", calibrate => calibrate.Method), new("", calibrate => calibrate.Method == "percentile" ? calibrate.Percentile : null),
        new("images=", calibrate => calibrate.Images), new("bins=", calibrate => calibrate.Bins),
        new("zeros=", calibrate => calibrate.SkipZeros == true ? "skip" : "count"),
        new("start=", calibrate => calibrate.Method is "entropy" or "mse" ? calibrate.Search?.StartBin ?? 128 : null),
        new("stride=", calibrate => calibrate.Method is "entropy" or "mse" ? calibrate.Search?.Stride ?? 1 : null),
        new("weights=", calibrate => calibrate.Weights?.Method ?? "max"), new("weights-percentile=", calibrate => calibrate.Weights?.Percentile),
        new("weights-by=", calibrate => calibrate.Weights?.Granularity ?? "channel"),
    ];

    private static readonly ImmutableArray<Field<QuantizeSettings>> Quantization =
    [
        new("", quantize => quantize.Dialect), new("rounding=", quantize => quantize.Rounding),
        new("include=", quantize => quantize.Layers?.Include ?? "all"), new("exclude=", quantize => quantize.Layers?.Exclude ?? "none"),
        new("residual=", quantize => quantize.Layers?.Residual == false ? "no" : "yes"), new("float-ends=", quantize => quantize.Layers?.FloatEnds ?? "none"),
    ];

    private static readonly ImmutableArray<Field<ExportSettings>> Exporting = [new("opset=", export => export.Opset), new("bn=", export => export.BatchNorm)];

    public static Func<TrainSettings, string> Of(ImmutableArray<TrainSettings> all) => Varying(Training, all);

    public static Func<PermuteSettings, string> Of(ImmutableArray<PermuteSettings> all) => Varying(Permuting, all);

    public static Func<CalibrateSettings, string> Of(ImmutableArray<CalibrateSettings> all) => Varying(Calibration, all);

    public static Func<QuantizeSettings, string> Of(ImmutableArray<QuantizeSettings> all) => Varying(Quantization, all);

    public static Func<ExportSettings, string> Of(ImmutableArray<ExportSettings> all) => Varying(Exporting, all);

    public static Func<PruneSettings, string> Of(ImmutableArray<PruneSettings> all) => Varying(Pruning, all);

    private static Func<T, string> Varying<T>(ImmutableArray<Field<T>> fields, ImmutableArray<T> all)
    {
        var varying = fields.Where(field => all.Select(field.Value).Where(value => value is not null).Distinct().Skip(1).Any()).ToImmutableArray();
        return one => string.Concat(varying.Select(field => field.Value(one) is { } value ? $" {field.Name}{value}" : ""));
    }

    /// <summary>One setting; its value is null where the others make it meaningless.</summary>
    private sealed record Field<T>(string Name, Func<T, object?> Value);
}
