using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>AdamW over named parameters; gradients and weights under a mask stay zero there.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101, algorithm 2, in the order of libtorch's and PyTorch 1.13's step:
/// w ← w·(1 − η·λ), m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε). PyTorch 2 forms m as m + (1 − β₁)·(g − m), which
/// differs in the last bit. Neither moment is masked.
/// </remarks>
public sealed class MaskedAdamW : MaskedOptimizer
{
    /// <summary>Name of the number of steps among the arrays: one 64-bit integer.</summary>
    public const string StepName = "step";

    private const string MeanPrefix = "exp_avg/";
    private const string SquarePrefix = "exp_avg_sq/";

    private readonly AdamWForm form;
    private readonly double weightDecay;
    private readonly ImmutableArray<Tensor> means;
    private readonly ImmutableArray<Tensor> squares;
    private readonly ImmutableArray<Scalar> constants;        // β₁, 1 − β₁, β₂, 1 − β₂, ε
    private ImmutableArray<Scalar> rates;                     // of one step: 1 − η·λ, √(1 − β₂ᵗ), −η / (1 − β₁ᵗ)
    private long steps;

    /// <summary>An optimizer with empty moments, under masks that may be computed while it trains.</summary>
    /// <param name="trained">The parameters; they stay the caller's.</param>
    /// <param name="masks">Stay the caller's; one optimizer takes them.</param>
    /// <param name="weightDecay">Share of a weight that a step at learning rate 1 takes off.</param>
    /// <exception cref="ArgumentOutOfRangeException">A β is not from 0 to below 1, or ε not above 0.</exception>
    /// <exception cref="InvalidOperationException">Another optimizer has these masks.</exception>
    public MaskedAdamW(IEnumerable<(string Name, Tensor Value)> trained, TrainingMasks masks, AdamWForm form, double weightDecay)
        : this(trained, masks, form, weightDecay, ownsMasks: false)
    {
    }

    internal MaskedAdamW(IEnumerable<(string Name, Tensor Value)> trained, TrainingMasks masks, AdamWForm form, double weightDecay, bool ownsMasks)
        : base(trained, masks, ownsMasks)
    {
        foreach (var beta in (double[])[form.Beta1, form.Beta2])
        {
            if (beta is not (>= 0 and < 1))
                throw new ArgumentOutOfRangeException(nameof(form), beta, "The betas are shares from 0 to below 1.");
        }

        if (form.Epsilon is not > 0)
            throw new ArgumentOutOfRangeException(nameof(form), form.Epsilon, "Epsilon is above 0; it keeps a step finite where a gradient was always 0.");
        (this.form, this.weightDecay) = (form, weightDecay);
        constants = [form.Beta1, 1 - form.Beta1, form.Beta2, 1 - form.Beta2, form.Epsilon];
        (means, squares) = (ZerosLike(Trained), ZerosLike(Trained));
    }

    /// <summary>Names and shapes of what an AdamW over such a parameter remembers, beside <see cref="StepName"/>.</summary>
    internal static IEnumerable<string> StateNames(string parameter) => [MeanPrefix + parameter, SquarePrefix + parameter];

    /// <summary>A copy of both moments of each parameter (exp_avg/NAME, exp_avg_sq/NAME) and the number of steps done.</summary>
    public override ImmutableSortedDictionary<string, HostArray> ToArrays()
    {
        var arrays = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        arrays[StepName] = HostArray.Of([steps], 1);
        for (var i = 0; i < Trained.Length; i++)
        {
            arrays[MeanPrefix + Trained[i].Name] = ArrayOf(means[i]);
            arrays[SquarePrefix + Trained[i].Name] = ArrayOf(squares[i]);
        }

        return arrays.ToImmutable();
    }

    /// <summary>Overwrites the moments and the number of steps.</summary>
    public override void Load(IReadOnlyDictionary<string, HostArray> arrays)
    {
        steps = arrays[StepName].Longs[0];
        for (var i = 0; i < Trained.Length; i++)
        {
            Fill(means[i], arrays[MeanPrefix + Trained[i].Name]);
            Fill(squares[i], arrays[SquarePrefix + Trained[i].Name]);
        }
    }

    private protected override void BeginStep(double learningRate)
    {
        steps++;
        rates =
        [
            1 - learningRate * weightDecay, Math.Sqrt(1 - Math.Pow(form.Beta2, steps)), -(learningRate / (1 - Math.Pow(form.Beta1, steps))),
        ];
    }

    private protected override void Update(int index, Tensor weight, Tensor gradient)
    {
        weight.mul_(rates[0]);
        means[index].mul_(constants[0]).add_(gradient, constants[1]);
        squares[index].mul_(constants[2]).addcmul_(gradient, gradient, constants[3]);
        var scale = squares[index].sqrt().div_(rates[1]).add_(constants[4]);
        weight.addcdiv_(means[index], scale, rates[2]);
    }

    private protected override void EndStep()
    {
        foreach (var rate in rates)
            rate.Dispose();
    }

    private protected override void DisposeState()
    {
        foreach (var state in means.Concat(squares))
            state.Dispose();
        foreach (var constant in constants)
            constant.Dispose();
    }
}
