using SparseGrid.Contracts.Results;

namespace SparseGrid.Contracts.Grains;

/// <summary>The answer to a claim: the finished record, or the right to run, or neither, which means that another owner runs it: ask again.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage-claim")]
public sealed record StageClaim(StageRecord? Record, bool Granted);
