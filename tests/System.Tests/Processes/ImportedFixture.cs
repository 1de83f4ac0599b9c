namespace SparseGrid.System.Tests.Processes;

/// <summary>samples/imported.sweep.yaml, as a user gives it, run once for all tests that look at it.</summary>
public sealed class ImportedFixture : IAsyncLifetime
{
    private static readonly string SpecFile = Path.Combine(Repository.Root, "samples", "imported.sweep.yaml");
    private readonly TemporaryFolder folder = new();

    /// <summary>The network that it starts from.</summary>
    internal static string Model { get; } = Path.Combine(Repository.Root, "samples", "models", "digits-cnn.onnx");

    /// <summary>The sample's text, with whole paths.</summary>
    internal string Spec { get; } = File.ReadAllText(SpecFile).Replace("path: data/digits.csv.gz", $"path: {Repository.Digits}")
        .Replace("models/digits-cnn.onnx", Model);

    /// <summary>Its grid.</summary>
    internal string Grid => Path.Combine(folder.Path, "grid");

    /// <summary>What <c>plan</c> said before anything ran.</summary>
    internal string Plan { get; private set; } = "";

    /// <summary>The run.</summary>
    internal SweepRun Run { get; private set; } = null!;

    /// <summary>Its HTML report.</summary>
    internal string Report => File.ReadAllText(Path.Combine(Grid, "reports", "imported.html"));

    /// <summary>The bundle of the recommended variant.</summary>
    internal string Bundle => Path.Combine(folder.Path, "bundle");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Plan = (await Done("plan", SpecFile, "--folder", "grid")).Output;
        Run = new((await Done("run", SpecFile, "--folder", "grid", "--json")).Document);
        await Done("export", SpecFile, "--folder", "grid", "--output", "bundle");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<SparseGridProcess> Done(params string[] arguments)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, arguments);
        return run.ExitCode == 0 ? run : throw new InvalidOperationException($"sparsegrid {string.Join(' ', arguments)} ended with exit code {run.ExitCode}.\n{run.Error}\n{run.Output}");
    }
}
