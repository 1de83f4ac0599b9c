using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>How a planned variant is shown in a plan.</summary>
internal static class PlannedVariantRows
{
    /// <summary>The plan's row.</summary>
    public static PlannedTrial Shown(this PlannedVariant trial, bool done) => new(
        trial.Index, trial.Path, trial.Recipe.Kind, trial.Variant, trial.Parent, trial.Recipe.Seed, done, Planner.TrainingEpochs(trial.Recipe),
        string.Join(", ", trial.Recipe.Stages.Concat(trial.AfterStages).Select(stage => stage.Kind).Distinct()));
}
