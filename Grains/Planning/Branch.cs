using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Planning;

/// <summary>One way to make a variant of its parent, whichever that is.</summary>
/// <param name="Label">Its part of the path: ptq entropy.</param>
/// <param name="Stages">The recipe's stages, up to and with the export.</param>
/// <param name="Quantize">Null for FP32.</param>
internal sealed record Branch(VariantKind Kind, string Label, ImmutableArray<Stage> Stages, QuantizeSettings? Quantize)
{
    /// <summary>load where the user brought weights, train where the spec says so, export.</summary>
    public static ImmutableArray<Branch> Of(DenseSpace space, bool loads)
    {
        var (trainLabel, exportLabel) = (Labels.Of(space.Train), Labels.Of(space.Exports));
        Stage[] first = loads ? [new LoadStage()] : [];
        return
        [
            .. from train in loads && space.Train.IsEmpty ? [null] : space.Train.Cast<TrainSettings?>()
               from export in space.Exports
               select new Branch(
                   VariantKind.Dense, $"dense{(train is null ? "" : trainLabel(train))}{exportLabel(export)}",
                   [.. first, .. train is null ? Array.Empty<Stage>() : [new TrainStage(train)], Export(export, null)], null),
        ];
    }

    /// <summary>permute where channels are reordered, prune, finetune, export; none for null.</summary>
    public static ImmutableArray<Branch> Of(SparseSpace? space)
    {
        if (space is null)
            return [];

        var (permuteLabel, pruneLabel) = (Labels.Of(space.Permutes), Labels.Of(space.Prune));
        var (trainLabel, exportLabel) = (Labels.Of(space.Finetune), Labels.Of(space.Exports));
        return
        [
            .. from permute in space.Permutes
               from prune in space.Prune
               from train in space.Finetune
               from export in space.Exports
               select new Branch(
                   VariantKind.Sparse, $"sparse{permuteLabel(permute)}{pruneLabel(prune)}{trainLabel(train)}{exportLabel(export)}",
                   [.. Reordering(permute, prune), new PruneStage(prune.Pattern, prune.Exclude), new FinetuneStage(train, null), Export(export, null)], null).Pruned(prune),
        ];
    }

    /// <summary>collect, calibrate, export; none for null.</summary>
    public static ImmutableArray<Branch> Of(PtqSpace? space)
    {
        if (space is null)
            return [];

        var (calibrateLabel, quantizeLabel, exportLabel) = (Labels.Of(space.Calibrate), Labels.Of(space.Quantize), Labels.Of(space.Exports));
        return
        [
            .. from calibrate in space.Calibrate
               from quantize in space.Quantize
               from export in space.Exports
               select new Branch(
                   VariantKind.Ptq, $"ptq{calibrateLabel(calibrate)}{quantizeLabel(quantize)}{exportLabel(export)}",
                   [.. Ranges(calibrate, quantize), Export(export, quantize)], quantize),
        ];
    }

    /// <summary>collect, calibrate, finetune with fake quantization, export; none for null.</summary>
    public static ImmutableArray<Branch> Of(QatSpace? space)
    {
        if (space is null)
            return [];

        var (calibrateLabel, trainLabel) = (Labels.Of(space.Calibrate), Labels.Of(space.Finetune));
        var (quantizeLabel, exportLabel) = (Labels.Of(space.Quantize), Labels.Of(space.Exports));
        return
        [
            .. from calibrate in space.Calibrate
               from train in space.Finetune
               from quantize in space.Quantize
               from export in space.Exports
               select new Branch(
                   VariantKind.Qat, $"qat{calibrateLabel(calibrate)}{trainLabel(train)}{quantizeLabel(quantize)}{exportLabel(export)}",
                   [.. Ranges(calibrate, quantize), new FinetuneStage(train, quantize), Export(export, quantize)], quantize),
        ];
    }

    /// <summary>The branch of a parent that was pruned so. What is the default is not said: recipes from before there was a choice stay what they were.</summary>
    public Branch Pruned(PruneSettings prune) => prune == new PruneSettings()
        ? this
        : this with { Stages = [.. Stages.Select(stage => stage is ExportStage export ? export with { Prune = prune } : stage)] };

    private static IEnumerable<Stage> Reordering(PermuteSettings permute, PruneSettings prune) =>
        permute.Reorders ? [new PermuteStage(permute.Search, permute.Escapes, permute.Tries, prune.Exclude)] : [];

    private static IEnumerable<Stage> Ranges(CalibrateSettings calibrate, QuantizeSettings quantize) =>
    [
        new CollectStage(calibrate.Images, calibrate.Bins, quantize.Dialect, quantize.Layers is null ? null : true, calibrate.SkipZeros),
        new CalibrateStage(calibrate.Method, calibrate.Percentile, quantize.Dialect, quantize.Layers, calibrate.Weights, calibrate.Search),
    ];

    private static ExportStage Export(ExportSettings export, QuantizeSettings? quantize) => new(export.Opset, export.BatchNorm, quantize);
}
