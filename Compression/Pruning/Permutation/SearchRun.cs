using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>What a search draws from, how many threads it may use, and what ends it.</summary>
internal sealed record SearchRun(CounterRandom Random, int Threads, CancellationToken Stop);
