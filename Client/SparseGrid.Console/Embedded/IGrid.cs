using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Console.Embedded;

/// <summary>A grid that a command works with; disposing it lets go of it, and stops it where it lives in this process.</summary>
public interface IGrid : IAsyncDisposable
{
    /// <summary>The way to its grains.</summary>
    IGrainFactory Grains { get; }

    /// <summary>Ends with the fault when the grid can keep nothing any more, or compute nothing; otherwise never.</summary>
    Task<Exception> Lost { get; }

    /// <summary>What its stages made.</summary>
    IArtifactStore Artifacts { get; }
}
