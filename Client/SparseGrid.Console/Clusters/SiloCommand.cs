using Microsoft.Extensions.Hosting;
using SparseGrid.Grains.Placement;
using SparseGrid.Silo;

namespace SparseGrid.Console.Clusters;

/// <summary><c>sparsegrid silo</c>: a process of the cluster, until it is told to stop.</summary>
public sealed class SiloCommand(Terminal terminal)
{
    /// <summary>Joins the cluster, says so, and serves until SIGTERM or Ctrl-C, which let running stages write checkpoints first.</summary>
    public async Task<ExitCode> Run(SiloSettings settings)
    {
        await using var silo = ClusterSilo.Build(settings);
        await silo.StartAsync();
        var slots = settings.Role == SiloRole.Control ? 0 : settings.Slots;
        terminal.Out.WriteLine(
            $"{settings.SiloName} has joined the grid of {settings.Folder}{(settings.Redis is null ? "" : $" and Redis {settings.Redis}")}: "
            + $"role {settings.Role}, {Reports.Words.Count(slots, "slot")}, {settings.Device}; health and metrics at {string.Join(", ", silo.Urls)}");
        terminal.Out.Flush();
        await silo.WaitForShutdownAsync();
        terminal.Out.WriteLine($"{settings.SiloName} has left; its running variants go on from their checkpoints elsewhere.");
        return ExitCode.Done;
    }
}
