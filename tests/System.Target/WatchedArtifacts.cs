using SparseGrid.Grains.Artifacts;

namespace SparseGrid.System.Target;

/// <summary>The real store of artifacts, watched.</summary>
internal sealed class WatchedArtifacts(IArtifactStore store, Death death) : IArtifactStore
{
    public string Put(ReadOnlySpan<byte> bytes)
    {
        var (content, hash) = (bytes.ToArray(), "");
        death.Putting(content.Length, () => hash = store.Put(content));
        return hash;
    }

    public bool Exists(string hash) => store.Exists(hash);

    public bool Holds(string hash) => store.Holds(hash);

    public byte[] Get(string hash) => store.Get(hash);

    public long SizeOf(string hash) => store.SizeOf(hash);

    public void CheckRoom() => store.CheckRoom();

    public string Locate(string hash) => store.Locate(hash);
}
