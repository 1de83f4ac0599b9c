namespace SparseGrid.Grains.Slots;

public sealed partial class SlotBrokerGrain
{
    [LoggerMessage(LogLevel.Debug, "Sweep {Sweep} could not be told of free slots; it looks by itself every second")]
    private partial void LogHintLost(Exception lost, string sweep);
}
