using System.Collections.Concurrent;
using System.Security.Cryptography;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>Artifacts and checkpoints in memory: the contract of both stores, without a disk.</summary>
internal sealed class MemoryStores : IArtifactStore, ICheckpointStore
{
    private readonly ConcurrentDictionary<string, byte[]> artifacts = new();
    private readonly ConcurrentDictionary<string, byte[]> checkpoints = new();

    public string Put(ReadOnlySpan<byte> bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        artifacts[hash] = bytes.ToArray();
        return hash;
    }

    public byte[] Get(string hash) => artifacts.TryGetValue(hash, out var bytes) ? bytes : throw new InvalidDataException($"Artifact {hash} is missing.");

    public bool Exists(string hash) => artifacts.ContainsKey(hash);

    public bool Holds(string hash) => artifacts.ContainsKey(hash);

    public long SizeOf(string hash) => Get(hash).Length;

    public void CheckRoom()
    {
    }

    public string Locate(string hash) => hash;

    public void Save(string stageKey, long step, ReadOnlySpan<byte> checkpoint) => checkpoints[stageKey] = checkpoint.ToArray();

    public byte[]? Latest(string stageKey) => checkpoints.GetValueOrDefault(stageKey);

    public void Delete(string stageKey) => checkpoints.TryRemove(stageKey, out _);
}
