using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>The same numbers on a GPU as on the host; these run where the loaded libtorch finds one.</summary>
public sealed class CudaTests
{
    [Fact]
    public void Fake_quantization_gives_the_hosts_values_and_gradients()
    {
        RequireGpu();
        using var scope = NewDisposeScope();
        var random = new Random(41);
        var values = Enumerable.Range(0, 64 * 100).Select(i => i % 2 == 0 ? (random.Next(-140, 140) + 0.5f) * (0.9f / 127) : (float)(random.NextDouble() * 4 - 2)).ToArray();
        var ranges = Enumerable.Range(0, 64).Select(k => k == 5 ? 0f : 0.1f + k * 0.03f).ToArray();
        foreach (var rule in Enum.GetValues<RoundingRule>())
        {
            Same(x => FakeQuantization.Activation(x, 0.9f, new ActivationQuantizer("x", true), rule));
            Same(x => FakeQuantization.Activation(x, 1.7f, new ActivationQuantizer("x", false), rule));
            Same(x => FakeQuantization.Activation(x, 0, new ActivationQuantizer("x", true), rule));
            Same(x => FakeQuantization.Weight(x, tensor(ranges, device: x.device), rule));
            Same(x => FakeQuantization.Of(x, full([1, 100], 0.7f, device: x.device), QuantizationLevels.Of(4, true, false), rule));
        }

        void Same(Func<Tensor, Tensor> quantize)
        {
            var (host, gpu) = (Run(CPU), Run(CUDA));
            Assert.Equal(host.Y, gpu.Y);
            Assert.Equal(host.Gradient, gpu.Gradient);

            (float[] Y, float[] Gradient) Run(Device device)
            {
                var x = tensor(values, [64, 100]).to(device).requires_grad_();
                var y = quantize(x);
                y.sum().backward();
                return (y.detach().cpu().data<float>().ToArray(), x.grad!.cpu().data<float>().ToArray());
            }
        }
    }

    [Fact]
    public void Histograms_count_as_on_the_host()
    {
        RequireGpu();
        using var scope = NewDisposeScope();
        var (host, gpu) = (new ActivationHistogram(), new ActivationHistogram());
        for (var batch = 1; batch <= 3; batch++)
        {
            var x = randn([100_000], generator: new Generator((ulong)batch)) * batch;
            host.Collect(x, "x");
            gpu.Collect(x.cuda(), "x");
        }

        Assert.Equal(host.Counts.ToArray(), gpu.Counts.ToArray());
        Assert.Equal((host.Width, host.Max), (gpu.Width, gpu.Max));
    }

    private static void RequireGpu() => Assert.SkipUnless(cuda.is_available(), "The loaded libtorch finds no CUDA device.");
}
