using System.Collections.Immutable;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>amax as the largest |x| over all batches, per tensor or per position of some axes. It keeps that maximum alone.</summary>
/// <param name="axes">The axes that keep ranges of their own; negative ones count from the last. Empty for one range.</param>
/// <param name="history">True also keeps the maximum of each batch.</param>
/// <remarks>pytorch-quantization's MaxCalibrator; NaN and infinity, which it takes in, are refused here.</remarks>
public sealed class MaxCalibrator(ImmutableArray<int> axes, bool history = false) : IDisposable
{
    private readonly List<Tensor> batches = [];
    private Tensor? amax;

    /// <summary>The largest |x| so far, float32: [] for one range, else of x's rank with 1 on every other axis; null before the first batch. It stays this
    /// object's.</summary>
    public Tensor? Amax => amax;

    /// <summary>The maximum of each batch, where they are kept. They stay this object's.</summary>
    public IReadOnlyList<Tensor> History => batches;

    /// <summary>The largest |x| along all axes but the kept ones.</summary>
    /// <param name="x">Any floating type, at least one value.</param>
    /// <param name="axes">The axes that stay; negative ones count from the last.</param>
    /// <returns>Float32: [] where none stays, else of x's rank with 1 on every other axis. The caller owns it. NaN where a value is NaN.</returns>
    /// <exception cref="ArgumentException">x has no such axis, or no values.</exception>
    public static Tensor LargestMagnitude(Tensor x, ImmutableArray<int> axes)
    {
        var rank = (int)x.dim();
        if (axes.Any(axis => axis < -rank || axis >= rank))
            throw new ArgumentException($"The axes [{string.Join(", ", axes)}] are not all in [{string.Join(", ", x.shape)}], which has {rank}.", nameof(axes));
        if (x.numel() == 0)
            throw new ArgumentException($"[{string.Join(", ", x.shape)}] holds no values, so it has no range.", nameof(x));

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var kept = axes.Select(axis => axis < 0 ? axis + rank : axis).ToHashSet();
        var magnitude = x.detach().abs();
        var largest = kept.Count == 0 ? magnitude.max() : magnitude.amax([.. Enumerable.Range(0, rank).Where(axis => !kept.Contains(axis)).Select(axis => (long)axis)], keepdim: true);
        return largest.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Takes one batch in.</summary>
    /// <param name="x">Any floating type, any shape.</param>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <exception cref="ArgumentException">A value is NaN or infinite, the batch is empty, or its kept axes have other sizes than before; nothing was taken in then.</exception>
    public void Collect(Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var batch = LargestMagnitude(x, axes);
        if (!batch.isfinite().all().item<bool>())
            throw new ArgumentException($"'{name}' holds NaN or infinite values: ranges can be calibrated from finite ones only. Check the weights of this network.", nameof(x));
        if (amax is not null && !amax.shape.SequenceEqual(batch.shape))
        {
            throw new ArgumentException(
                $"'{name}' had ranges [{string.Join(", ", amax.shape)}] so far, and this batch has [{string.Join(", ", batch.shape)}]: the kept axes must not change size.", nameof(x));
        }

        var larger = (amax is null ? batch : maximum(amax, batch)).DetachFromDisposeScope();
        if (history)
            batches.Add(batch.clone().DetachFromDisposeScope());
        amax?.Dispose();
        amax = larger;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        amax?.Dispose();
        amax = null;
        batches.ForEach(batch => batch.Dispose());
        batches.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Reset();
}
