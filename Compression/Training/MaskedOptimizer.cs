using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>An optimizer over named parameters that keeps masked weights at zero, as NVIDIA's ASP (apex.contrib.sparsity) hooks one.</summary>
/// <remarks>
/// Gradient ← gradient·mask in place before the step, weight ← weight·mask after it. What the optimizer remembers is not masked: momentum from before the masks decays on.
/// </remarks>
public abstract class MaskedOptimizer : IDisposable
{
    private readonly TrainingMasks masks;
    private readonly bool ownsMasks;

    private protected MaskedOptimizer(IEnumerable<(string Name, Tensor Value)> trained, TrainingMasks masks, bool ownsMasks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        masks.Hook();
        (this.masks, this.ownsMasks, Trained) = (masks, ownsMasks, [.. trained]);
    }

    /// <summary>The parameters, in the order given.</summary>
    private protected ImmutableArray<(string Name, Tensor Value)> Trained { get; }

    /// <summary>The optimizer of a plan.</summary>
    /// <param name="trained">The parameters; they stay the caller's.</param>
    /// <param name="masks">Parameter name to mask (1 keeps), of the parameter's shape; they do not change.</param>
    public static MaskedOptimizer Of(TrainingPlan plan, IEnumerable<(string Name, Tensor Value)> trained, IReadOnlyDictionary<string, HostArray> masks)
    {
        ImmutableArray<(string Name, Tensor Value)> parameters = [.. trained];
        return plan.AdamW is { } adamW
            ? new MaskedAdamW(parameters, TrainingMasks.Given(parameters, masks), adamW, plan.WeightDecay, ownsMasks: true)
            : new MaskedSgd(parameters, masks, plan.Momentum, plan.WeightDecay, plan.Nesterov);
    }

    /// <summary>One step at a learning rate; gradients are cleared after it.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Step(learningRate, keepGradients: false);
        foreach (var (_, weight) in Trained)
            weight.grad?.zero_();
    }

    /// <summary>A copy of what the optimizer remembers, by name.</summary>
    public abstract ImmutableSortedDictionary<string, HostArray> ToArrays();

    /// <summary>Takes over what <see cref="ToArrays"/> gave.</summary>
    public abstract void Load(IReadOnlyDictionary<string, HostArray> arrays);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ownsMasks)
            masks.Dispose();
        DisposeState();
        GC.SuppressFinalize(this);
    }

    // With gradients kept they hold what the reference leaves in them, the masked gradient.
    internal void Step(double learningRate, bool keepGradients)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        masks.MaskGradients();
        BeginStep(learningRate);
        for (var i = 0; i < Trained.Length; i++)
        {
            if (Trained[i].Value.grad is { } gradient)
                Update(i, Trained[i].Value, keepGradients ? gradient.clone() : gradient);
        }

        EndStep();
        masks.MaskWeights();
    }

    private protected static HostArray ArrayOf(Tensor state)
    {
        using var scope = NewDisposeScope();
        return HostArray.Of(state.cpu().contiguous().data<float>().ToArray(), state.shape);
    }

    private protected static void Fill(Tensor state, HostArray array)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        state.copy_(tensor(array.Floats.ToArray(), state.shape, device: state.device));
    }

    private protected static ImmutableArray<Tensor> ZerosLike(ImmutableArray<(string Name, Tensor Value)> parameters)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return [.. parameters.Select(parameter => zeros_like(parameter.Value).DetachFromDisposeScope())];
    }

    private protected abstract void BeginStep(double learningRate);

    // May overwrite the gradient.
    private protected abstract void Update(int index, Tensor weight, Tensor gradient);

    private protected abstract void EndStep();

    private protected abstract void DisposeState();
}
