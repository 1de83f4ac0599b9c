using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

public sealed partial class SlotHost
{
    [LoggerMessage(LogLevel.Information, "{Slots} slots open on {Device}")]
    private partial void LogOpen(int slots, string device);

    [LoggerMessage(LogLevel.Warning, "{Runs} runs had not ended when the silo had to; they go on from their last checkpoints")]
    private partial void LogAbandoned(int runs);

    [LoggerMessage(LogLevel.Error, "Silo {Silo} can compute no more and ends with code {ExitCode}, to be started again: {Fault}")]
    private partial void LogPoisoned(string silo, string fault, int exitCode);

    [LoggerMessage(LogLevel.Error, "Silo {Silo} takes nothing until its artifacts can be written: {Fault}")]
    private partial void LogClosed(string silo, string fault);

    [LoggerMessage(LogLevel.Information, "Silo {Silo} takes variants again: its artifacts can be written")]
    private partial void LogOpened(string silo);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant} run {Epoch} did not come to the end of its step within {Seconds} s; its slot was taken from it, and what the step makes counts for nothing")]
    private partial void LogAbandonedRun(VariantId variant, int epoch, double seconds);

    [LoggerMessage(LogLevel.Warning, "The slot broker could not be reached; it is told again in a few seconds")]
    private partial void LogReportLost(Exception lost);
}
