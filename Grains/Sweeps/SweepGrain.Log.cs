using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Sweeps;

public sealed partial class SweepGrain
{
    [LoggerMessage(LogLevel.Information, "Sweep {Sweep} is submitted")]
    private partial void LogSubmitted(string sweep);

    [LoggerMessage(LogLevel.Information, "Sweep begins: {Trials} trials, {Reused} done already")]
    private partial void LogBegun(int trials, int reused);

    [LoggerMessage(LogLevel.Information, "Sweep {Sweep} is coordinated here")]
    private partial void LogCoordinated(string sweep);

    [LoggerMessage(LogLevel.Information, "Sweep is {State}: {Finished} trials finished, {Failed} failed, {Waiting} waiting")]
    private partial void LogEnded(SweepState state, int finished, int failed, int waiting);

    [LoggerMessage(LogLevel.Warning, "{Path} ({Variant}) failed after {Attempts} attempts: {Class}: {Failure}")]
    private partial void LogFailed(string path, VariantId variant, int attempts, string @class, string failure);

    [LoggerMessage(LogLevel.Warning, "{Path} ({Variant}) failed (attempt {Attempt}: {Class}) and is to run again: {Failure}")]
    private partial void LogRunsAgain(string path, VariantId variant, int attempt, string @class, string failure);

    [LoggerMessage(LogLevel.Information, "{Path} ({Variant}) could not start yet: {Reason}")]
    private partial void LogRefused(string path, VariantId variant, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} ({Variant}) could not be started; it is tried again")]
    private partial void LogStartFailed(Exception failed, string path, VariantId variant);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant} could not be told to stop; it is told again")]
    private partial void LogStopLost(Exception lost, VariantId variant);

    [LoggerMessage(LogLevel.Information, "Variant {Variant} was silent; finished meanwhile: {Finished}")]
    private partial void LogSilent(VariantId variant, bool finished);

    [LoggerMessage(LogLevel.Warning, "The stored sweep has {Stored} trials, its plan now {Planned}; submit it again")]
    private partial void LogPlanChanged(int stored, int planned);

    [LoggerMessage(LogLevel.Warning, "{Path} ({Variant}) is made again: its artifact {File} is missing or damaged")]
    private partial void LogArtifactLost(string path, VariantId variant, string file);

    [LoggerMessage(LogLevel.Information, "Where trials stand could not be stored at the end of this activation; the next one finds it out from the results")]
    private partial void LogPagesLost(Exception unwritten);

    [LoggerMessage(LogLevel.Warning, "The sweep cannot go on for now; it looks again in a moment")]
    private partial void LogPumpFailed(Exception fault);

    [LoggerMessage(LogLevel.Warning, "A newer state of this sweep was written elsewhere; this activation ends")]
    private partial void LogSuperseded(Exception conflict);
}
