namespace SparseGrid.Grains.Stages;

public sealed partial class StageGrain
{
    [LoggerMessage(LogLevel.Information, "Stage {Kind} {Key} had a record already; the one of {Owner} is dropped")]
    private partial void LogCommittedBefore(string kind, string key, string owner);

    [LoggerMessage(LogLevel.Information, "The lease of stage {Key} was not kept when its grain ended")]
    private partial void LogLeaseLost(Exception lost, string key);
}
