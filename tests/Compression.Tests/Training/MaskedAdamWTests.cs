using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class MaskedAdamWTests
{
    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 1e-2)]
    [InlineData(0.8, 0.95, 1e-6, 0)]
    [InlineData(0, 0, 1e-3, 0.1)]
    public void Without_masks_it_is_the_optimizer_of_the_framework_bit_for_bit(double beta1, double beta2, double epsilon, double weightDecay)
    {
        using var scope = NewDisposeScope();
        var values = Values(7, 64);
        var own = tensor(values).requires_grad_();
        var reference = new Parameter(tensor(values));
        using var adamW = MaskedOptimizer.Of(
            new(1, 1, 0.01, 0, weightDecay, ScheduleForm.Constant, 0, 1, 1, 0, 0, false, 0, AdamW: new(beta1, beta2, epsilon)), [("w", own)],
            new Dictionary<string, HostArray>());
        using var expected = optim.AdamW([reference], 0.01, beta1, beta2, epsilon, weightDecay);
        var target = tensor(Values(8, 64));
        for (var step = 0; step < 20; step++)
        {
            ((own - target) * (own - target)).sum().backward();
            adamW.Step(0.01);
            expected.zero_grad();
            ((reference - target) * (reference - target)).sum().backward();
            expected.step();
        }

        Assert.Equal(reference.data<float>().ToArray(), own.data<float>().ToArray());
    }

    [Fact]
    public void Its_first_step_is_the_learning_rate_against_the_gradients_sign_after_the_decay()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 2, -2 }).requires_grad_();
        using var masks = TrainingMasks.Given([("w", weight)], new Dictionary<string, HostArray>());
        using var adamW = new MaskedAdamW([("w", weight)], masks, new(), weightDecay: 0.5);
        (weight * tensor(new float[] { 3, -7 })).sum().backward();
        adamW.Step(0.1);
        var after = weight.data<float>().ToArray();           // 2·(1 − 0.1·0.5) − 0.1
        Assert.Equal((1.8f, -1.8f), (after[0], after[1]), (one, other) => Math.Abs(one.Item1 - other.Item1) + Math.Abs(one.Item2 - other.Item2) < 1e-5);
    }

    [Fact]
    public void Masked_weights_stay_exactly_zero_though_the_moments_are_not_masked()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 0, 1, 0, 2 }).requires_grad_();
        using var masks = TrainingMasks.Given([("w", weight)], new Dictionary<string, HostArray> { ["w"] = HostArray.Of((ReadOnlySpan<byte>)[0, 1, 0, 1], 4) });
        using var adamW = new MaskedAdamW([("w", weight)], masks, new(), 1e-2);
        adamW.Load(new Dictionary<string, HostArray>
        {
            ["step"] = HostArray.Of([3L], 1), ["exp_avg/w"] = HostArray.Of([1f, 1, 1, 1], 4), ["exp_avg_sq/w"] = HostArray.Of([1f, 1, 1, 1], 4),
        });
        for (var step = 0; step < 3; step++)
        {
            (weight * 3).sum().backward();
            adamW.Step(0.05);
            Assert.Equal([0f, 0f], weight.data<float>().ToArray().Where((_, i) => i % 2 == 0));
        }

        Assert.Equal(6, adamW.ToArrays()["step"].Longs[0]);
        Assert.Equal(0.9f * 0.9f * 0.9f, adamW.ToArrays()["exp_avg/w"].Floats[0], 1e-6f);   // decays on
    }

    [Theory]
    [InlineData(1.0, 0.999, 1e-8)]
    [InlineData(0.9, -0.1, 1e-8)]
    [InlineData(0.9, 0.999, 0)]
    [InlineData(double.NaN, 0.999, 1e-8)]
    public void Refuses_numbers_outside_their_range(double beta1, double beta2, double epsilon)
    {
        using var masks = TrainingMasks.Given([], new Dictionary<string, HostArray>());
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaskedAdamW([], masks, new(beta1, beta2, epsilon), 0));
    }

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
