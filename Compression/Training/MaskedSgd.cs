using System.Collections.Immutable;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>SGD with momentum and weight decay over named parameters; gradients and weights under a mask stay zero there.</summary>
/// <remarks>
/// The step is PyTorch's (momentum buffer v ← μ·v + g + λ·w, w ← w − η·v). The mask is applied as apex ASP does: gradient ← gradient·mask before
/// the step, weight ← weight·mask after it; the momentum buffer itself is not masked.
/// </remarks>
public sealed class MaskedSgd : IDisposable
{
    private readonly (string Name, Tensor Weight, Tensor Momentum, Tensor? Mask)[] parameters;
    private readonly Scalar momentum;
    private readonly Scalar? weightDecay;

    /// <summary>An optimizer with empty momentum.</summary>
    /// <param name="trained">The parameters; they stay the caller's.</param>
    /// <param name="masks">Parameter name to mask (1 keeps), of the parameter's shape.</param>
    public MaskedSgd(IEnumerable<(string Name, Tensor Value)> trained, IReadOnlyDictionary<string, HostArray> masks, double momentum, double weightDecay)
    {
        this.momentum = momentum;
        this.weightDecay = weightDecay == 0 ? null : weightDecay;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        parameters =
        [
            .. trained.Select(parameter => (
                parameter.Name,
                parameter.Value,
                zeros_like(parameter.Value).DetachFromDisposeScope(),
                masks.TryGetValue(parameter.Name, out var mask) ? MaskOf(mask, parameter.Value).DetachFromDisposeScope() : null)),
        ];
    }

    /// <summary>One step at a learning rate; gradients are cleared after it.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar downhill = -learningRate;
        foreach (var (_, weight, velocity, mask) in parameters)
        {
            if (weight.grad is not { } gradient)
                continue;
            if (mask is not null)
                gradient.mul_(mask);
            if (weightDecay is not null)
                gradient.add_(weight, weightDecay);
            velocity.mul_(momentum).add_(gradient, NativeScalar.One);
            weight.add_(velocity, downhill);
            if (mask is not null)
                weight.mul_(mask);
            gradient.zero_();
        }
    }

    /// <summary>A copy of the momentum buffers, by parameter name.</summary>
    public ImmutableSortedDictionary<string, HostArray> ToArrays()
    {
        using var scope = NewDisposeScope();
        return parameters.ToImmutableSortedDictionary(
            parameter => parameter.Name,
            parameter => HostArray.Of(parameter.Momentum.cpu().contiguous().data<float>().ToArray(), parameter.Momentum.shape),
            StringComparer.Ordinal);
    }

    /// <summary>Overwrites the momentum buffers.</summary>
    public void Load(IReadOnlyDictionary<string, HostArray> arrays)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, _, velocity, _) in parameters)
            velocity.copy_(tensor(arrays[name].Floats.ToArray(), velocity.shape, device: velocity.device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, velocity, mask) in parameters)
        {
            velocity.Dispose();
            mask?.Dispose();
        }

        momentum.Dispose();
        weightDecay?.Dispose();
    }

    private static Tensor MaskOf(HostArray mask, Tensor weight)
    {
        if (!mask.Shape.AsSpan().SequenceEqual(weight.shape))
            throw new InvalidDataException($"A mask of shape [{string.Join(", ", mask.Shape)}] does not fit a weight of [{string.Join(", ", weight.shape)}].");
        return tensor(mask.UnsignedBytes.ToArray(), weight.shape).to(weight.dtype).to(weight.device);
    }
}
