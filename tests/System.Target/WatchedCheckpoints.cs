using SparseGrid.Grains.Artifacts;

namespace SparseGrid.System.Target;

/// <summary>The real store of checkpoints, watched.</summary>
internal sealed class WatchedCheckpoints(ICheckpointStore store, Death death) : ICheckpointStore
{
    public void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint)
    {
        var bytes = checkpoint.ToArray();
        death.Saving(bytes.Length, () => store.Save(stageKey, step, bytes));
    }

    public byte[]? Latest(string stageKey) => store.Latest(stageKey);

    public void Delete(string stageKey)
    {
        death.Deleting();
        store.Delete(stageKey);
    }
}
