namespace SparseGrid.Contracts.Sweeps;

/// <summary>How a submission was taken.</summary>
/// <param name="Accepted">False where the sweep is active with another spec, or the spec cannot run.</param>
/// <param name="Reason">In words: started, joined, or why not and what to do.</param>
/// <param name="Caution">What the one who submits should know, in words: data that have changed; null where there is nothing.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.submit-answer")]
public sealed record SubmitAnswer(bool Accepted, string Reason, string? Caution = null);
