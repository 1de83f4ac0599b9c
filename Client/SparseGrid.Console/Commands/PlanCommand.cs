using SparseGrid.Client;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid plan</c>: what a sweep would run, and what of it is done already.</summary>
public sealed class PlanCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start)
{
    /// <summary>Shows the plan; nothing runs.</summary>
    /// <param name="json">True writes the plan as one JSON document.</param>
    public async Task<ExitCode> Run(string specFile, EmbeddedSettings settings, bool json)
    {
        var spec = SpecFile.Read(specFile);
        await using var grid = await start(settings with { Device = spec.Numerics.Device });
        var plan = await new SweepClient(grid.Grains).Plan(spec);
        if (json)
            terminal.Out.WriteLine(JsonDocuments.Text(plan));
        else
            foreach (var line in PlanReport.Lines(plan))
                terminal.Out.WriteLine(line);
        return ExitCode.Done;
    }
}
