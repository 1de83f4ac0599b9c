namespace SparseGrid.Contracts.Grains;

/// <summary>How a start was taken.</summary>
/// <param name="Started">True where a run is under way, new or joined.</param>
/// <param name="Epoch">Its lease epoch.</param>
/// <param name="Reason">Why it was refused; empty otherwise.</param>
/// <param name="Joined">True where the run was under way before, so that the caller's slot was not taken.</param>
/// <param name="Silo">Where the run is; null for a refusal.</param>
/// <param name="Failure">Why the variant is not run any more: its silos were lost too often while it ran; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.start-answer")]
public sealed record StartAnswer(bool Started, int Epoch, string Reason, bool Joined = false, SiloAddress? Silo = null, RunOutcome? Failure = null);
