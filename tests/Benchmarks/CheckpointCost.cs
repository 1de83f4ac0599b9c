using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Benchmarks;

/// <summary>One checkpoint of a training: arrays from tensors, bytes, SHA-256, file, fsync, rename. The disk is that of the temporary folder.</summary>
public class CheckpointCost
{
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-benchmark-").FullName;
    private readonly Dictionary<string, (GraphNetwork Network, MaskedSgd Optimizer)> networks = [];
    private FolderCheckpointStore store = null!;
    private byte[] bytes = null!;
    private long step;

    /// <summary>resnet20 for 1x28x28, or resnet18 for 3x224x224 and 1000 classes.</summary>
    [Params("resnet20", "resnet18")]
    public string Network { get; set; } = "resnet20";

    [GlobalSetup]
    public void Setup()
    {
        var graph = Network == "resnet20" ? Networks.Small : Networks.Large;
        var network = new GraphNetwork(graph, GraphNetwork.Initial(graph, 1), ComputeDevice.Cpu);
        networks[Network] = (network, new MaskedSgd(network.Trained, new Dictionary<string, HostArray>(), 0.9, 1e-4));
        store = new(folder);
        bytes = Serialize();
        Console.WriteLine($"// {Network}: {bytes.Length} bytes");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        networks[Network].Optimizer.Dispose();
        networks[Network].Network.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>All of it, as a training does it.</summary>
    [Benchmark(Baseline = true)]
    public void Checkpoint() => store.Save("key", step++, Serialize());

    /// <summary>From tensors to bytes.</summary>
    [Benchmark]
    public byte[] Serialize()
    {
        var (network, optimizer) = networks[Network];
        return new TrainingCheckpoint(step, 0, 0, network.ToArrays(), optimizer.ToArrays()).ToBytes();
    }

    /// <summary>From bytes to a durable file.</summary>
    [Benchmark]
    public void Save() => store.Save("key", step++, bytes);

    /// <summary>The file, its checksum and its arrays, as a resumed training reads them.</summary>
    [Benchmark]
    public TrainingCheckpoint Resume()
    {
        if (step == 0)
            Save();
        return TrainingCheckpoint.FromBytes(store.Latest("key")!);
    }
}
