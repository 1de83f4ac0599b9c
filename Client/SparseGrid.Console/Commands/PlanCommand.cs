using SparseGrid.Client;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid plan</c>: what a sweep would run, and what of it is done already.</summary>
public sealed class PlanCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start)
{
    /// <summary>Shows the plan; nothing runs.</summary>
    /// <param name="json">True writes the plan as one JSON document.</param>
    /// <param name="stop">When cancelled, the command ends; a download of data leaves nothing half.</param>
    public async Task<ExitCode> Run(string specFile, EmbeddedSettings settings, bool json, CancellationToken stop)
    {
        var spec = SpecFile.Read(specFile);
        SweepPlan plan;
        try
        {
            await DataPreparation.Run(spec.Data, terminal.Error.WriteLine, stop);
            await using var grid = await start(settings with { Device = spec.Numerics.Device });
            plan = await new SweepClient(grid.Grains).Plan(spec).WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Stopped; nothing was changed.");
            return ExitCode.Stopped;
        }

        if (json)
            terminal.Out.WriteLine(JsonDocuments.Text(plan));
        else
            foreach (var line in PlanReport.Lines(plan))
                terminal.Out.WriteLine(line);
        return ExitCode.Done;
    }
}
