using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Slots;
using SparseGrid.Silo;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Clusters;

/// <summary><c>sparsegrid silo</c>: a process of the cluster, until it is told to stop.</summary>
/// <param name="clock">Tells how long Redis was waited for.</param>
/// <param name="configure">Adds to the silo's services, or replaces some; null for the program as it is.</param>
public sealed class SiloCommand(Terminal terminal, TimeProvider clock, Action<IServiceCollection>? configure = null)
{
    /// <summary>Joins the cluster, says so, and serves until SIGTERM or Ctrl-C, which let running stages write checkpoints first.</summary>
    /// <param name="wait">How long a Redis that does not answer yet is waited for.</param>
    /// <returns>70 where its device failed.</returns>
    /// <exception cref="IOException">Redis has not answered in that time, or the folder or its database cannot be used.</exception>
    public async Task<ExitCode> Run(SiloSettings settings, TimeSpan wait)
    {
        if (settings.Redis is { } redis)
            await RedisAnswer.Await(redis, wait, Say, clock);
        await using var silo = ClusterSilo.Build(settings, configure);
        await silo.StartAsync();
        var slots = settings.Role == SiloRole.Control ? 0 : settings.Slots;
        terminal.Out.WriteLine(
            $"{settings.SiloName} has joined the grid of {settings.Folder}{(settings.Redis is null ? "" : $" and Redis {RedisName.Endpoints(settings.Redis)}")}: "
            + $"role {settings.Role}, {Reports.Words.Count(slots, "slot")}, {settings.Device}; health and metrics at {string.Join(", ", silo.Urls)}");
        terminal.Out.Flush();
        await silo.WaitForShutdownAsync();
        if (silo.Services.GetRequiredService<DeviceFault>().Fault is { } fault)
        {
            terminal.Error.WriteLine($"{settings.SiloName} can compute no more: {Reports.Words.OneLine(fault.Message).TrimEnd('.')}. Its variants go on elsewhere; start it again.");
            return ExitCode.DeviceFault;
        }

        terminal.Out.WriteLine($"{settings.SiloName} has left; its running variants go on from their checkpoints elsewhere.");
        return ExitCode.Done;
    }

    private void Say(string line)
    {
        terminal.Error.WriteLine(line);
        terminal.Error.Flush();
    }
}
