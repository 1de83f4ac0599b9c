namespace SparseGrid.Silo.Storage;

/// <summary>One change of one stored state that waits for its turn; <see cref="Done"/> ends when it is on the disk, or has failed.</summary>
/// <param name="Statement">Which of the writer's statements.</param>
/// <param name="Payload">The state; null where it is cleared.</param>
/// <param name="Version">The version that the state must have now; null for none.</param>
internal sealed record SqliteWrite(SqliteStatement Statement, StateKey Key, ReadOnlyMemory<byte>? Payload, long? Version)
{
    private readonly TaskCompletionSource<long?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The new version; null where the state has another version than was asked for.</summary>
    public Task<long?> Done => done.Task;

    /// <summary>It is committed.</summary>
    public void Committed(long? version) => done.SetResult(version);

    /// <summary>It is not.</summary>
    public void Failed(Exception fault) => done.SetException(fault);
}
