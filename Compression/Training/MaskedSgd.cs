using System.Collections.Immutable;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>SGD with momentum, Nesterov's too, and weight decay over named parameters; gradients and weights under a mask stay zero there.</summary>
/// <remarks>
/// The step is PyTorch's: g ← g + λ·w, v ← μ·v + g, w ← w − η·v; with Nesterov w ← w − η·(g + μ·v). Sutskever et al., "On the importance of initialization and momentum in
/// deep learning", ICML 2013.
/// </remarks>
public sealed class MaskedSgd : MaskedOptimizer
{
    private readonly ImmutableArray<Tensor> velocities;
    private readonly Scalar momentum;
    private readonly Scalar? weightDecay;
    private readonly bool nesterov;
    private Scalar? downhill;

    /// <summary>An optimizer with empty momentum, under masks that do not change.</summary>
    /// <param name="trained">The parameters; they stay the caller's.</param>
    /// <param name="masks">Parameter name to mask (1 keeps), of the parameter's shape.</param>
    public MaskedSgd(
        IEnumerable<(string Name, Tensor Value)> trained, IReadOnlyDictionary<string, HostArray> masks, double momentum, double weightDecay, bool nesterov = false)
        : this([.. trained], masks, momentum, weightDecay, nesterov)
    {
    }

    /// <summary>An optimizer with empty momentum, under masks that may be computed while it trains.</summary>
    /// <param name="trained">The parameters; they stay the caller's.</param>
    /// <param name="masks">Stay the caller's; one optimizer takes them.</param>
    /// <exception cref="ArgumentException">Nesterov without momentum.</exception>
    /// <exception cref="InvalidOperationException">Another optimizer has these masks.</exception>
    public MaskedSgd(IEnumerable<(string Name, Tensor Value)> trained, TrainingMasks masks, double momentum, double weightDecay, bool nesterov = false)
        : this(trained, masks, momentum, weightDecay, nesterov, ownsMasks: false)
    {
    }

    private MaskedSgd(
        ImmutableArray<(string Name, Tensor Value)> trained, IReadOnlyDictionary<string, HostArray> masks, double momentum, double weightDecay, bool nesterov)
        : this(trained, TrainingMasks.Given(trained, masks), momentum, weightDecay, nesterov, ownsMasks: true)
    {
    }

    private MaskedSgd(
        IEnumerable<(string Name, Tensor Value)> trained, TrainingMasks masks, double momentum, double weightDecay, bool nesterov, bool ownsMasks)
        : base(trained, masks, ownsMasks)
    {
        if (nesterov && momentum <= 0)
            throw new ArgumentException($"The momentum is {momentum}: Nesterov's step looks ahead along the momentum, so it needs one above 0.", nameof(momentum));
        this.momentum = momentum;
        this.weightDecay = weightDecay == 0 ? null : weightDecay;
        this.nesterov = nesterov;
        velocities = ZerosLike(Trained);
    }

    /// <summary>A copy of the momentum buffers, by parameter name.</summary>
    public override ImmutableSortedDictionary<string, HostArray> ToArrays() =>
        Enumerable.Range(0, Trained.Length).ToImmutableSortedDictionary(i => Trained[i].Name, i => ArrayOf(velocities[i]), StringComparer.Ordinal);

    /// <summary>Overwrites the momentum buffers.</summary>
    public override void Load(IReadOnlyDictionary<string, HostArray> arrays)
    {
        for (var i = 0; i < Trained.Length; i++)
            Fill(velocities[i], arrays[Trained[i].Name]);
    }

    private protected override void BeginStep(double learningRate) => downhill = -learningRate;

    private protected override void Update(int index, Tensor weight, Tensor gradient)
    {
        if (weightDecay is not null)
            gradient.add_(weight, weightDecay);
        var velocity = velocities[index];
        velocity.mul_(momentum).add_(gradient, NativeScalar.One);
        weight.add_(nesterov ? gradient.add_(velocity, momentum) : velocity, downhill!);
    }

    private protected override void EndStep() => downhill!.Dispose();

    private protected override void DisposeState()
    {
        foreach (var velocity in velocities)
            velocity.Dispose();
        momentum.Dispose();
        weightDecay?.Dispose();
    }
}
