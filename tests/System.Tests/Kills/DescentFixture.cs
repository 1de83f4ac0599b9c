using System.Collections.Immutable;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Kills;

/// <summary>The sweep that is killed, run undisturbed by the product itself.</summary>
public sealed class DescentFixture : IAsyncLifetime
{
    /// <summary>What it made.</summary>
    internal ImmutableArray<string> Artifacts { get; private set; }

    /// <summary>Quantized tensors: the steps of its calibrate stages.</summary>
    internal int Quantizers { get; private set; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        using var folder = new TemporaryFolder();
        folder.Write("descent.yaml", Specs.Descent());
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "descent.yaml", "--json");
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"The sweep ended with exit code {run.ExitCode}.\n{run.Error}\n{run.Output}");

        var sweep = new SweepRun(run.Document);
        Artifacts = sweep.Artifacts;
        Quantizers = sweep.Results.SelectMany(result => result.GetProperty("stages").EnumerateArray())
            .First(stage => stage.GetProperty("kind").GetString() == "collect").GetProperty("numbers").GetProperty("quantizers").GetInt32();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
