namespace SparseGrid.Grains.Stages;

/// <summary>A stage that cannot be run: missing or stale input, a full disk, a network that does not fit. Never kept as a result.</summary>
public sealed class StageFailedException : Exception
{
    /// <summary>With a message for the user: value, rule, fix.</summary>
    public StageFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With what caused it.</summary>
    public StageFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
