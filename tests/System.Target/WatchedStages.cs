using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.System.Target;

/// <summary>The real stages, watched.</summary>
internal sealed class WatchedStages(IStageRunner stages, Death death) : IStageRunner
{
    public StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop)
    {
        death.Enter(request.Stage);
        return stages.Run(
            request,
            now =>
            {
                progress(now);
                death.Reached(now.Done);
            },
            stop);
    }
}
