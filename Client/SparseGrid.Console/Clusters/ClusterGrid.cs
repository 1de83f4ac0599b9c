using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using SparseGrid.Console.Embedded;
using SparseGrid.Grains;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Silo;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Clusters;

/// <summary>The silos of a cluster, reached as a client. Letting go of it stops nothing.</summary>
public sealed class ClusterGrid : IGrid
{
    private readonly IHost host;

    private ClusterGrid(IHost host, string folder)
    {
        this.host = host;
        Grains = host.Services.GetRequiredService<IClusterClient>();
        Artifacts = new FolderArtifactStore(Path.GetFullPath(folder));
    }

    /// <inheritdoc/>
    public IGrainFactory Grains { get; }

    /// <summary>Never ends: what a client cannot keep, the silos do.</summary>
    public Task<Exception> Lost { get; } = new TaskCompletionSource<Exception>().Task;

    /// <inheritdoc/>
    public IArtifactStore Artifacts { get; }

    /// <summary>Connects; waits a few seconds for a silo that is on its way up.</summary>
    /// <exception cref="InputException">No silo answers.</exception>
    /// <exception cref="IOException">Redis does not answer.</exception>
    public static async Task<IGrid> Connect(ClusterSettings settings, CancellationToken stop)
    {
        if (settings.Redis is null && !File.Exists(Profiles.Database(Path.GetFullPath(settings.Folder))))
            throw NoSilo(settings, $"there is no {Profiles.Database(settings.Folder)}");

        if (settings.Redis is { } redis)
            await RedisAnswer.Require(redis, stop);

        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "SparseGrid" });
        builder.Configuration.AddInMemoryCollection(settings.Keys);
        builder.Services.AddGridFaults();

        // A silo that is lost is soon no gateway any more; by default a client hears of it a minute later.
        builder.Services.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        builder.UseOrleansClient(client => client.UseConnectionRetryFilter<BriefPatience>());
        var host = builder.Build();
        try
        {
            await host.StartAsync(stop);
            return new ClusterGrid(host, settings.Folder);
        }
        catch (Exception fault) when (fault is OrleansException or TimeoutException or IOException or System.Data.Common.DbException
            or StackExchange.Redis.RedisException)
        {
            host.Dispose();
            throw NoSilo(settings, Reports.Words.OneLine(fault.Message));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static InputException NoSilo(ClusterSettings settings, string why) => new(
        $"No silo answers for {(settings.Redis is null ? $"folder {settings.Folder}" : $"Redis {RedisName.Endpoints(settings.Redis)}")}: {why.TrimEnd('.')}. Start one: sparsegrid silo{settings.Options}");
}
