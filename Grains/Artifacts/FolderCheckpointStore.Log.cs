namespace SparseGrid.Grains.Artifacts;

public sealed partial class FolderCheckpointStore
{
    [LoggerMessage(
        LogLevel.Warning,
        "Checkpoint {Path} is passed over: {Fault}. The one before it is tried; where there is none, the stage starts over and makes the same files")]
    private partial void LogPassedOver(string path, string fault);

    [LoggerMessage(LogLevel.Warning, "Checkpoints in {Folder} could not be deleted: {Reason} They only take space; delete the folder once its stage is done")]
    private partial void LogNotDeleted(string folder, string reason);
}
