using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Stages;

/// <summary>Runs stages on the calling thread, with what <c>Compression</c> offers. One for all kinds of stages; safe to call from several slots at
/// once.</summary>
public interface IStageRunner
{
    /// <summary>Runs one stage to its end, from its last checkpoint where there is one.</summary>
    /// <param name="request">The stage and the artifacts it takes.</param>
    /// <param name="progress">Told after each step of a training, each batch, each quantizer; must be cheap.</param>
    /// <param name="stop">When cancelled, a long stage writes a checkpoint and throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="StageFailedException">The stage cannot be run; the message says why and what to do.</exception>
    StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop);
}
