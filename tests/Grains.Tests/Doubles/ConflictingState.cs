using Orleans.Storage;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>A stored state that another activation has written meanwhile, in a store that then cannot be read.</summary>
public sealed class ConflictingState<T> : IPersistentState<T>
    where T : new()
{
    public T State { get; set; } = new();

    public string Etag => "1";

    public bool RecordExists => true;

    public Task WriteStateAsync() => throw new InconsistentStateException("a newer record was written");

    public Task ReadStateAsync() => throw new OrleansException("the store does not answer");

    public Task ClearStateAsync() => throw new OrleansException("the store does not answer");
}
