using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Benchmarks;

/// <summary>Forward and backward through ReLU and one quantizer of 1.6 million values: this library's pass, and PyTorch's fused operator of the same rule.</summary>
public class FakeQuantize
{
    // The numbers stand in the script and the scale is a tensor, so no native object is handed over that a finalizer could free too early.
    private readonly jit.CompilationUnit fused = jit.compile(
        """
        def unsigned(x: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
            return torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, 255)

        """);

    private readonly ActivationQuantizer quantizer = new("x", Signed: false);
    private Tensor x = null!;
    private Tensor gradient = null!;
    private Tensor scale = null!;
    private Tensor zero = null!;

    /// <summary>libtorch's threads.</summary>
    [Params(1, 2)]
    public int Threads { get; set; } = 1;

    [GlobalSetup]
    public void Setup()
    {
        ComputeDevice.SetThreads(Threads);
        x = randn([128, 16, 28, 28]).requires_grad_().DetachFromDisposeScope();
        gradient = randn([128, 16, 28, 28]).DetachFromDisposeScope();
        scale = tensor(3f / 255).DetachFromDisposeScope();
        zero = zeros([], ScalarType.Int32).DetachFromDisposeScope();
    }

    [Benchmark(Baseline = true)]
    public void ReluAlone() => Step(input => input.relu());

    [Benchmark]
    public void OnePassTorch() => Step(input => FakeQuantization.ReluActivation(input, 3, quantizer, RoundingRule.Torch));

    [Benchmark]
    public void OnePassOnnx() => Step(input => FakeQuantization.ReluActivation(input, 3, quantizer, RoundingRule.Onnx));

    [Benchmark]
    public void FusedTorch() => Step(input => fused.invoke<Tensor>("unsigned", input.relu(), scale, zero));

    private void Step(Func<Tensor, Tensor> forward)
    {
        using var scope = NewDisposeScope();
        forward(x).backward([gradient]);
        x.grad!.zero_();
    }
}
