using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class TrainingMasksTests
{
    private static readonly float[] Weights = [1, -4, 3, 2, 5, 6, -7, 8];

    [Fact]
    public void Masks_are_all_ones_and_a_step_is_that_of_an_unmasked_optimizer_until_they_are_computed()
    {
        using var scope = NewDisposeScope();
        var (masked, plain) = (Weight(), Weight());
        using var masks = TrainingMasks.Dense([("fc.weight", masked)], MaskPattern.TwoFour, keepPruned: true);
        using var hooked = new MaskedSgd([("fc.weight", masked)], masks, 0.9, 1e-2);
        using var free = new MaskedSgd([("fc.weight", plain)], new Dictionary<string, HostArray>(), 0.9, 1e-2);
        foreach (var (weight, optimizer) in ((Tensor, MaskedSgd)[])[(masked, hooked), (plain, free)])
        {
            (weight * weight).sum().backward();
            optimizer.Step(0.1);
        }

        Assert.False(masks.Enabled);
        Assert.Equal(plain.data<float>().ToArray(), masked.data<float>().ToArray());
    }

    [Fact]
    public void Momentum_from_before_the_masks_decays_on_but_moves_no_masked_weight()
    {
        using var scope = NewDisposeScope();
        var weight = Weight();
        using var masks = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: false);
        using var sgd = new MaskedSgd([("fc.weight", weight)], masks, 0.5, 0);
        (weight * 2).sum().backward();
        sgd.Step(0.1);
        masks.Compute();
        (weight * 2).sum().backward();
        sgd.Step(0.1);

        Assert.Equal<byte>([0, 1, 1, 0, 0, 0, 1, 1], Mask(masks));
        Assert.Equal([1f, 3, 3, 1, 1, 1, 3, 3], sgd.ToArrays()["fc.weight"].Floats.ToArray());   // 2·0.5, and 2·0.5 + 2 where not masked
        var after = weight.data<float>().ToArray();
        Assert.All(after.Where((_, i) => Mask(masks)[i] == 0), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Masks_computed_again_bring_back_what_was_pruned_as_it_was_then()
    {
        using var scope = NewDisposeScope();
        var weight = Weight();
        using var masks = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: true);
        masks.Compute();
        Assert.Equal([0f, -4, 3, 0, 0, 0, -7, 8], weight.data<float>().ToArray());
        using (no_grad())
            weight.mul_(tensor(new float[] { 1, 0.1f, 1, 1, 1, 1, 1, 1 }));   // −4 was trained down to −0.4
        masks.Compute();
        Assert.Equal([0f, 0, 3, 2, 0, 0, -7, 8], weight.data<float>().ToArray());
        masks.Restore();
        Assert.Equal([1f, -0.4f, 3, 2, 5, 6, -7, 8], weight.data<float>().ToArray());
        Assert.False(masks.Enabled);
        Assert.All(masks.ToArrays()["fc.__weight_mma_pruned_p"].Floats.ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Without_kept_values_masks_are_computed_once_and_nothing_is_restored()
    {
        using var scope = NewDisposeScope();
        var weight = Weight();
        using var masks = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: false);
        masks.Restore();                                      // nothing is pruned yet
        masks.Compute();
        var pruned = weight.data<float>().ToArray();
        Assert.Contains("cannot be computed again; make the masks with keepPruned", Assert.Throws<InvalidOperationException>(masks.Compute).Message, StringComparison.Ordinal);
        Assert.Contains("fc.weight is pruned", Assert.Throws<InvalidOperationException>(masks.Restore).Message, StringComparison.Ordinal);
        Assert.Equal(pruned, weight.data<float>().ToArray());
    }

    [Fact]
    public void A_training_goes_on_from_saved_weights_masks_and_optimizer_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var (undisturbed, cut) = (Weight(), Weight());
        using var masks = TrainingMasks.Dense([("fc.weight", undisturbed)], MaskPattern.TwoFour, keepPruned: true);
        using var optimizer = new MaskedAdamW([("fc.weight", undisturbed)], masks, new(), 1e-2);
        using var before = TrainingMasks.Dense([("fc.weight", cut)], MaskPattern.TwoFour, keepPruned: true);
        using var beforeCut = new MaskedAdamW([("fc.weight", cut)], before, new(), 1e-2);
        foreach (var (weight, own, state) in ((Tensor, MaskedAdamW, TrainingMasks)[])[(undisturbed, optimizer, masks), (cut, beforeCut, before)])
        {
            Step(weight, own);
            state.Compute();
            Step(weight, own);
        }

        var loaded = tensor(cut.data<float>().ToArray(), [1, 8]).requires_grad_();
        using var again = TrainingMasks.Dense([("fc.weight", loaded)], MaskPattern.TwoFour, keepPruned: true);
        using var resumed = new MaskedAdamW([("fc.weight", loaded)], again, new(), 1e-2);
        again.Load(before.ToArrays());
        resumed.Load(beforeCut.ToArrays());
        Assert.True(again.Enabled);
        foreach (var (weight, own, state) in ((Tensor, MaskedAdamW, TrainingMasks)[])[(undisturbed, optimizer, masks), (loaded, resumed, again)])
        {
            Step(weight, own);
            state.Compute();
            Step(weight, own);
            state.Restore();
        }

        Assert.Equal(undisturbed.data<float>().ToArray(), loaded.data<float>().ToArray());
    }

    [Fact]
    public void Saved_buffers_that_do_not_fit_are_refused_and_change_nothing()
    {
        using var scope = NewDisposeScope();
        var weight = Weight();
        using var masks = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: false);
        using var keeping = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: true);
        Assert.Equal(["fc.__weight_mma_mask"], masks.ToArrays().Keys);
        Assert.Equal(["fc.__weight_mma_mask", "fc.__weight_mma_pruned_p"], keeping.ToArrays().Keys);
        Assert.Contains("fc.__weight_mma_pruned_p is one too many", Assert.Throws<InvalidDataException>(() => masks.Load(keeping.ToArrays())).Message, StringComparison.Ordinal);
        Assert.Contains("fc.__weight_mma_pruned_p (F32 [1, 8]) is missing", Assert.Throws<InvalidDataException>(() => keeping.Load(masks.ToArrays())).Message, StringComparison.Ordinal);
        var short4 = new Dictionary<string, HostArray> { ["fc.__weight_mma_mask"] = HostArray.Of((ReadOnlySpan<byte>)[0, 1, 0, 1], 1, 4) };
        Assert.Throws<InvalidDataException>(() => masks.Load(short4));
        Assert.False(masks.Enabled);
    }

    [Fact]
    public void Masks_of_which_some_prune_and_some_do_not_are_no_state()
    {
        using var scope = NewDisposeScope();
        using var masks = TrainingMasks.Given(
            [("a", ones(1, 4)), ("b", ones(1, 4))],
            new Dictionary<string, HostArray> { ["a"] = HostArray.Of((ReadOnlySpan<byte>)[1, 1, 1, 1], 1, 4), ["b"] = HostArray.Of((ReadOnlySpan<byte>)[1, 0, 1, 0], 1, 4) });
        Assert.Contains("1 of 2 masks prune: b", Assert.Throws<InvalidOperationException>(() => masks.Enabled).Message, StringComparison.Ordinal);
        Assert.Contains("have no pattern", Assert.Throws<InvalidOperationException>(masks.Compute).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var masks = TrainingMasks.Dense([("layer1.0.conv1.weight", tensor(new float[] { 1, float.NaN, 2, 3 }, [1, 4]))], MaskPattern.TwoFour, keepPruned: false);
        Assert.StartsWith("layer1.0.conv1.weight cannot be pruned. The weight [1, 4] is NaN", Assert.Throws<InvalidDataException>(masks.Compute).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var scope = NewDisposeScope();
        var weight = Weight();
        Run();
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Run()
        {
            using var masks = TrainingMasks.Dense([("fc.weight", weight)], MaskPattern.TwoFour, keepPruned: true);
            using var adamW = new MaskedAdamW([("fc.weight", weight)], masks, new(), 1e-2);
            masks.Compute();
            masks.Load(masks.ToArrays());
            Step(weight, adamW);
            adamW.Load(adamW.ToArrays());
            masks.Compute();
            masks.Restore();
        }
    }

    private static Tensor Weight() => tensor(Weights, [1, 8]).requires_grad_();

    private static void Step(Tensor weight, MaskedOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        ((weight - 0.3) * (weight - 0.3)).sum().backward();
        optimizer.Step(0.05);
    }

    private static byte[] Mask(TrainingMasks masks) => masks.ToArrays()["fc.__weight_mma_mask"].UnsignedBytes.ToArray();
}
