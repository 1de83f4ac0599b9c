using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class MaskedSgdTests
{
    [Theory]
    [InlineData(0.9, 1e-2, false)]
    [InlineData(0.9, 1e-2, true)]
    [InlineData(0.5, 0, true)]
    public void Without_masks_it_is_the_optimizer_of_the_framework_bit_for_bit(double momentum, double weightDecay, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var values = Values(7, 32);
        var own = tensor(values).requires_grad_();
        var reference = new Parameter(tensor(values));
        using var sgd = new MaskedSgd([("w", own)], new Dictionary<string, HostArray>(), momentum, weightDecay, nesterov);
        using var expected = optim.SGD([reference], 0.1, momentum, weight_decay: weightDecay, nesterov: nesterov);
        var target = tensor(Values(8, 32));
        for (var step = 0; step < 20; step++)
        {
            ((own - target) * (own - target)).sum().backward();
            sgd.Step(0.1);
            expected.zero_grad();
            ((reference - target) * (reference - target)).sum().backward();
            expected.step();
        }

        Assert.Equal(reference.data<float>().ToArray(), own.data<float>().ToArray());
    }

    [Fact]
    public void Masked_weights_stay_exactly_zero()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 0, 1, 0, 2 }).requires_grad_();
        var mask = HostArray.Of((ReadOnlySpan<byte>)[0, 1, 0, 1], 4);
        using var sgd = new MaskedSgd([("w", weight)], new Dictionary<string, HostArray> { ["w"] = mask }, 0.9, 1e-2);
        for (var step = 0; step < 10; step++)
        {
            (weight * 3).sum().backward();
            sgd.Step(0.05);
        }

        var after = weight.data<float>().ToArray();
        Assert.Equal((0f, 0f), (after[0], after[2]));
        Assert.NotEqual(1f, after[1]);
    }

    [Fact]
    public void Nesterov_without_momentum_is_refused() =>
        Assert.Contains("The momentum is 0", Assert.Throws<ArgumentException>(() => new MaskedSgd([], new Dictionary<string, HostArray>(), 0, 0, nesterov: true)).Message, StringComparison.Ordinal);

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
