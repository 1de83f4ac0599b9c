namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Tests of engines on a GPU run alone: some of them watch its free memory.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EnginesOnAGpu
{
    /// <summary>Of the collection.</summary>
    public const string Name = "engines on a GPU";
}
