using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>A store of checkpoints whose disk has no room.</summary>
internal sealed class FullDisk : ICheckpointStore
{
    public int Refused { get; private set; }

    public void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint)
    {
        Refused++;
        throw new IOException($"No space left on device : '/grid/checkpoints/{stageKey}/{step:d19}.ckpt'");
    }

    public byte[]? Latest(string stageKey) => null;

    public void Delete(string stageKey)
    {
    }
}
