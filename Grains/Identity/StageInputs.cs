using System.Collections.Immutable;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>The artifacts that a stage takes, by role.</summary>
/// <param name="Required">Without them the stage cannot run.</param>
/// <param name="Optional">Taken where they are there: masks, which a dense variant has not; weights of a training, where some were loaded before it.</param>
public sealed record StageInputs(ImmutableArray<string> Required, ImmutableArray<string> Optional)
{
    /// <summary>The roles of a stage. Ranges belong to quantized stages alone, and those cannot do without.</summary>
    public static StageInputs Of(Stage stage) => stage switch
    {
        LoadStage => new([], []),
        TrainStage => new([], ["weights"]),
        PermuteStage or PruneStage => new(["weights"], []),
        FinetuneStage finetune => new(Ranged(finetune.Quantize, "weights"), ["masks"]),
        CollectStage => new(["weights"], []),
        CalibrateStage => new(["weights", "histograms"], []),
        ExportStage export => new(Ranged(export.Quantize, "weights"), []),
        EvaluateStage evaluate => new(Ranged(evaluate.Quantize, "onnx", "weights"), []),
        CompareStage => new(["predictions_test", "baseline_predictions"], []),
        MeasureStage => new(["onnx", "baseline"], []),
        _ => throw new ArgumentException($"Stage '{stage.Kind}' has no inputs declared; declare them here.", nameof(stage)),
    };

    /// <summary>Picks the stage's inputs among the artifacts made so far.</summary>
    /// <param name="available">Role to hash.</param>
    /// <exception cref="ArgumentException">A required one is missing.</exception>
    public ImmutableSortedDictionary<string, string> From(IReadOnlyDictionary<string, string> available)
    {
        if (Required.FirstOrDefault(role => !available.ContainsKey(role)) is { } missing)
        {
            var made = string.Join(", ", available.Keys.Order(StringComparer.Ordinal));
            throw new ArgumentException(
                $"'{missing}' is missing among the artifacts {made}; an earlier stage or the parent makes it.", nameof(available));
        }

        return Required.Concat(Optional.Where(available.ContainsKey)).ToImmutableSortedDictionary(role => role, role => available[role], StringComparer.Ordinal);
    }

    private static ImmutableArray<string> Ranged(QuantizeSettings? quantize, params ImmutableArray<string> roles) => quantize is null ? roles : [.. roles, "ranges"];
}
