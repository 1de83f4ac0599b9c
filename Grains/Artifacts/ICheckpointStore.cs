namespace SparseGrid.Grains.Artifacts;

/// <summary>Checkpoints of stages that are under way, by stage key; the last two are kept, and all go when the stage is committed.</summary>
public interface ICheckpointStore
{
    /// <summary>Writes a checkpoint atomically and drops all but the last two.</summary>
    /// <param name="step">Grows within a stage.</param>
    void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint);

    /// <summary>The newest checkpoint whose checksum holds; null where there is none. A broken one is passed over for the one before it.</summary>
    byte[]? Latest(string stageKey);

    /// <summary>Drops all of a stage's checkpoints.</summary>
    void Delete(string stageKey);
}
