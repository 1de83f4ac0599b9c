namespace SparseGrid.System.Tests.Processes;

/// <summary>The tree sweep, run once for all tests that look at its results.</summary>
public sealed class TreeFixture : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The folder with the spec and the results.</summary>
    internal string Folder => folder.Path;

    /// <summary>Where its grid keeps its artifacts.</summary>
    internal string GridFolder => Path.Combine(folder.Path, ".sparsegrid");

    /// <summary>The first run.</summary>
    internal SweepRun First { get; private set; } = null!;

    /// <summary>Its CSV file.</summary>
    internal string CsvFile => Path.Combine(folder.Path, "rows.csv");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        folder.Write("tree.yaml", Specs.Tree());
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "tree.yaml", "--json", "--csv", CsvFile);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"The tree sweep ended with exit code {run.ExitCode}.\n{run.Error}\n{run.Output}");
        First = new(run.Document);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
