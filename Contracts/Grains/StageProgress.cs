namespace SparseGrid.Contracts.Grains;

/// <summary>How far the running stage is.</summary>
/// <param name="Done">Units done, of <paramref name="Total"/>.</param>
/// <param name="Unit">epochs, images or runs.</param>
/// <param name="Top1">Latest validation accuracy, 0 to 1; NaN where there is none.</param>
/// <param name="Remaining">Time to the end of the stage at the pace so far.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage-progress")]
public sealed record StageProgress(string Stage, double Done, double Total, string Unit, double Top1, TimeSpan? Remaining);
