namespace SparseGrid.System.Tests.Processes;

/// <summary>The folder of a small sweep that has run, with two calibration methods.</summary>
public sealed class QuickGridFixture : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The folder with the spec.</summary>
    internal string Folder => folder.Path;

    /// <summary>Where its grid keeps everything.</summary>
    internal string GridFolder => Path.Combine(folder.Path, ".sparsegrid");

    /// <summary>What the run told.</summary>
    internal SweepRun Run { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        folder.Write("quick.yaml", Specs.Quick("max, mse"));
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--json");
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"The sweep ended with exit code {run.ExitCode}.\n{run.Error}\n{run.Output}");
        Run = new(run.Document);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
