namespace SparseGrid.Grains.Artifacts;

/// <summary>Checkpoints of stages that are under way, by stage key; the last two are kept, and all go when the stage is committed.</summary>
public interface ICheckpointStore
{
    /// <summary>Writes a checkpoint atomically and drops all but the last two.</summary>
    /// <param name="step">Grows within a stage.</param>
    /// <exception cref="IOException">The disk is full or read-only; the checkpoints that were there are there still.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder must not be written to.</exception>
    void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint);

    /// <summary>The newest checkpoint whose checksum holds; null where there is none. A damaged or unreadable one is passed over for the one
    /// before it, and the log says so.</summary>
    byte[]? Latest(string stageKey);

    /// <summary>Drops all of a stage's checkpoints. Where that cannot be done they stay, and the log says so: they only take space.</summary>
    void Delete(string stageKey);
}
