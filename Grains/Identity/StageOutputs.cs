using System.Collections.Immutable;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>The artifacts that a stage makes, by role: what others may take from it before its record says so.</summary>
public static class StageOutputs
{
    /// <summary>The roles.</summary>
    public static ImmutableArray<string> Of(Stage stage) => stage switch
    {
        LoadStage or TrainStage or FinetuneStage => ["weights"],
        PermuteStage => ["weights", "permutation"],
        PruneStage => ["weights", "masks"],
        CollectStage => ["histograms"],
        CalibrateStage => ["ranges"],
        ExportStage => ["onnx", "layers"],
        EvaluateStage evaluate => [$"predictions_{evaluate.Split}"],
        CompareStage => ["flips"],
        MeasureStage => [],
        _ => throw new ArgumentException($"Stage '{stage.Kind}' has no outputs declared; declare them here.", nameof(stage)),
    };
}
