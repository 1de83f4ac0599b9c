namespace SparseGrid.Grains.Stages.Runners;

internal sealed partial class StageCheckpoints
{
    [LoggerMessage(LogLevel.Information, "Stage {Kind} {Key} goes on from step {Step}")]
    private partial void LogGoesOn(string kind, string key, long step);

    [LoggerMessage(LogLevel.Warning, "Stage {Kind} {Key} starts over: its checkpoint is whole, but not one that this version writes for this stage")]
    private partial void LogStartsOver(string kind, string key);

    [LoggerMessage(
        LogLevel.Warning,
        "Stage {Kind} {Key}: the checkpoint of step {Step} ({Bytes} bytes) was not written ({Reason}). The stage goes on and tries again when the next one is due; "
        + "until one is written, a stop or a crash costs the work since the last. Free space on that disk, or let its folder be written to")]
    private partial void LogNotSaved(string kind, string key, long step, int bytes, string reason);
}
