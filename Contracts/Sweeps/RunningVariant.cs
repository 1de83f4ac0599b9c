using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>What a running variant is doing now.</summary>
/// <param name="Stage">The stage that runs: train, collect …</param>
/// <param name="Done">Units of the stage done: epochs of a training, images of an evaluation, calls of a measurement.</param>
/// <param name="Total">Units of the whole stage.</param>
/// <param name="Unit">The unit's name: epochs, images, runs.</param>
/// <param name="Top1">Latest validation accuracy, 0 to 1; NaN where there is none yet.</param>
/// <param name="Remaining">Time to the end of the stage at the pace so far; null before there is one.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.running-variant")]
public sealed record RunningVariant(
    VariantId Variant, string Path, string Silo, string Stage, double Done, double Total, string Unit, double Top1, TimeSpan? Remaining);
