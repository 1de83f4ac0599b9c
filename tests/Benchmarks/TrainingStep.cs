using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Benchmarks;

/// <summary>One training step (forward, backward, SGD) of a ResNet-20 on 128 images of 1x28x28, one thread: in FP32, and quantization-aware by each rounding rule.</summary>
public class TrainingStep
{
    private readonly Dictionary<string, (GraphNetwork Network, MaskedSgd Optimizer)> networks = [];
    private Tensor images = null!;
    private Tensor labels = null!;

    /// <summary>FP32, or the rounding rule.</summary>
    [Params("fp32", "Onnx", "Torch", "Pq")]
    public string Form { get; set; } = "fp32";

    [GlobalSetup]
    public void Setup()
    {
        ComputeDevice.SetThreads(1);
        images = randn([128, 1, 28, 28]).DetachFromDisposeScope();
        labels = randint(10, [128], dtype: ScalarType.Int64).DetachFromDisposeScope();
        var network = new GraphNetwork(Networks.Small, GraphNetwork.Initial(Networks.Small, 1), ComputeDevice.Cpu);
        if (Form != "fp32")
        {
            var placement = QuantizerPlacement.Of(Networks.Small, Dialect.Ort);
            network.Quantize(placement, Networks.Ranges(Networks.Small, placement), Enum.Parse<RoundingRule>(Form));
        }

        networks[Form] = (network, new MaskedSgd(network.Trained, new Dictionary<string, HostArray>(), 0.9, 1e-4));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        networks[Form].Optimizer.Dispose();
        networks[Form].Network.Dispose();
    }

    [Benchmark]
    public void Step()
    {
        using var scope = NewDisposeScope();
        var (network, optimizer) = networks[Form];
        cross_entropy(network.Forward(images, training: true), labels).backward();
        optimizer.Step(0.01);
    }
}
