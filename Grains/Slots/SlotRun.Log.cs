using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

public sealed partial class SlotRun
{
    [LoggerMessage(LogLevel.Information, "Variant {Variant} runs {Stage} {Key}")]
    private partial void LogStageStarts(VariantId variant, string stage, string key);

    [LoggerMessage(LogLevel.Information, "Variant {Variant} ended {Stage} after {Seconds:F2} s")]
    private partial void LogStageEnded(VariantId variant, string stage, double seconds);

    [LoggerMessage(LogLevel.Information, "Variant {Variant} stopped {Stage} {Key} at {Done} of {Total} {Unit}")]
    private partial void LogStageStopped(VariantId variant, string stage, string key, double done, double total, string unit);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant}: {Stage} {Key} has a record, but its artifact {Artifact} is missing or damaged; the stage runs again")]
    private partial void LogArtifactLost(VariantId variant, string stage, string key, string artifact);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant} waits for an answer of the grid, and asks again: {Fault}")]
    private partial void LogWaitsForGrid(VariantId variant, string fault);

    [LoggerMessage(LogLevel.Error, "Variant {Variant} run {Epoch} failed")]
    private partial void LogFailed(Exception failed, VariantId variant, int epoch);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant} run {Epoch}: a message to the grid was lost and is sent again")]
    private partial void LogReportFailed(Exception failed, VariantId variant, int epoch);

    [LoggerMessage(LogLevel.Error, "Variant {Variant} run {Epoch}: nobody could be told that it ended {Outcome}; the sweep asks for it by itself")]
    private partial void LogOutcomeLost(VariantId variant, int epoch, RunEnd outcome);
}
