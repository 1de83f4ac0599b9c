using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>One trial of a plan.</summary>
/// <param name="Parent">Index of the trial it starts from; −1 for a dense one.</param>
/// <param name="Done">True where the variant's result is committed already, so that nothing of it will run.</param>
/// <param name="TrainingEpochs">Epochs its own stages train, without its ancestors'.</param>
/// <param name="Stages">Its stages in order: train, export, evaluate, measure.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.planned-trial")]
public sealed record PlannedTrial(
    int Index, string Path, VariantKind Kind, VariantId Variant, int Parent, int Seed, bool Done, int TrainingEpochs, string Stages);
