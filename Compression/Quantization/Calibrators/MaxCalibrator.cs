using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>amax as the largest |x| over all batches, per tensor or per position of some axes. It keeps that maximum alone.</summary>
/// <param name="axes">The axes that keep ranges of their own; negative ones count from the last. Empty for one range.</param>
/// <param name="history">True also keeps the maximum of each batch.</param>
public sealed class MaxCalibrator(ImmutableArray<int> axes, bool history = false) : IDisposable
{
    private readonly List<Tensor> batches = [];
    private Tensor? amax;

    /// <summary>The largest |x| so far, float32: [] for one range, else of x's rank with 1 on every other axis; null before the first batch. It stays this
    /// object's.</summary>
    public Tensor? Amax => amax;

    /// <summary>The maximum of each batch, where they are kept. They stay this object's.</summary>
    public IReadOnlyList<Tensor> History => batches;

    /// <summary>Takes one batch in.</summary>
    /// <param name="x">Any floating type, any shape.</param>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <exception cref="ArgumentException">A value is NaN or infinite, the batch is empty, or its kept axes have other sizes than before.</exception>
    public void Collect(Tensor x, string name) => throw new NotImplementedException();

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
