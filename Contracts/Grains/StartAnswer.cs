namespace SparseGrid.Contracts.Grains;

/// <summary>How a start was taken.</summary>
/// <param name="Started">True where a run is under way, new or joined.</param>
/// <param name="Epoch">Its lease epoch.</param>
/// <param name="Reason">Why it was refused; empty otherwise.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.start-answer")]
public sealed record StartAnswer(bool Started, int Epoch, string Reason);
