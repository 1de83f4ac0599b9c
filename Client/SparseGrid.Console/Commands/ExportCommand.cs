using SparseGrid.Client;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Bundles;
using SparseGrid.Grains.Stages.Runners;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid export</c>: one variant of a sweep as a folder that a third party can deploy and check.</summary>
public sealed class ExportCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start)
{
    /// <summary>Writes the bundle, reads it back and runs its file once more.</summary>
    /// <exception cref="InputException">The sweep has no such variant or no results, or the folder cannot take the bundle.</exception>
    /// <exception cref="InvalidDataException">The data are other ones now, an artifact is lost, or the written file computes something else.</exception>
    public async Task<ExitCode> Run(ExportArguments arguments, CancellationToken stop)
    {
        var spec = SpecFile.Read(arguments.SpecFile);
        if (!Directory.Exists(arguments.Folder))
            throw new InputException($"--folder is {arguments.Folder}: there is no grid. Run the sweep first: sparsegrid run {arguments.SpecFile}");
        try
        {
            await DataPreparation.Run(spec.Data, terminal.Error.WriteLine, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Stopped; nothing was written.");
            return ExitCode.Stopped;
        }

        await using var grid = await start(new(arguments.Folder, Slots: 0));
        var client = new SweepClient(grid.Grains);
        var rows = await client.Rows(spec.Sweep);
        if (rows.IsEmpty)
            throw new InputException($"Sweep '{spec.Sweep}' was never run in {arguments.Folder}. Run it first: sparsegrid run {arguments.SpecFile}");
        var row = VariantChoice.Of(arguments.Variant, rows, spec);
        if (arguments.Variant == ExportArguments.Recommended && rows.Any(other => other.State is TrialState.Waiting or TrialState.Running))
            terminal.Error.WriteLine($"caution: {Words.Count(rows.Count(other => other.Result is null), "trial")} of {rows.Length} have no result, so the recommendation is not final.");

        var files = DeploymentBundle.Make(new(spec, row.Path, row.Result!, arguments.Batch, arguments.Images), grid.Artifacts, new DataCatalog());
        var folder = arguments.Output ?? $"{spec.Sweep}-{row.Variant.Short}";
        BundleFolder.Write(folder, files);
        var manifest = DeploymentBundle.Check(folder);

        terminal.Out.WriteLine($"{row.Path} ({row.Variant.Short}) in {folder}:");
        var width = files.Max(file => file.Name.Length);
        foreach (var file in files)
            terminal.Out.WriteLine($"  {file.Name.PadRight(width)}  {Words.Fixed(file.Bytes.Length / 1024.0, 1),9} KiB");
        terminal.Out.WriteLine(
            $"Checked: the written file, run again in {manifest.Check.Runtime}, gives the {Words.Count(manifest.Check.Images, "test image")} the scores of check-outputs.safetensors bit for bit, "
            + "and the classes that the sweep evaluated.");
        terminal.Out.WriteLine($"Anyone can check it: python3 {Path.Combine(folder, "check.py")} (numpy, onnxruntime)");
        return ExitCode.Done;
    }
}
