namespace SparseGrid.Contracts.Sweeps;

/// <summary>How a submission was taken.</summary>
/// <param name="Accepted">False where the sweep is active with another spec, or the spec cannot run.</param>
/// <param name="Reason">In words: started, joined, or why not and what to do.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.submit-answer")]
public sealed record SubmitAnswer(bool Accepted, string Reason);
