using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Progress;

/// <summary>Shows how a sweep goes on while it runs.</summary>
public interface IProgressView
{
    /// <summary>Shows every status until the last one.</summary>
    /// <returns>The last status.</returns>
    Task<SweepStatus> Show(IAsyncEnumerable<SweepStatus> statuses);

    /// <summary>Shows a sentence beside the progress.</summary>
    void Say(string sentence);
}
