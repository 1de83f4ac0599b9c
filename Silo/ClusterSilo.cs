using System.Globalization;
using OpenTelemetry.Metrics;
using Orleans.Configuration;
using SparseGrid.Grains.Placement;
using SparseGrid.Silo.Embedding;
using SparseGrid.Silo.Logging;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo;

/// <summary>A silo process of a cluster: on one machine through the folder's database, on several through Redis.</summary>
public static class ClusterSilo
{
    // Long enough for checkpoints of all slots; whatever supervises the process must wait longer.
    private static readonly TimeSpan Drain = TimeSpan.FromMinutes(2);

    /// <summary>Takes its share of the folder and builds the host; running it joins the cluster, SIGTERM drains it.</summary>
    /// <param name="configure">Adds to the silo's services, or replaces some.</param>
    /// <exception cref="FolderInUseException">A process has the folder alone.</exception>
    /// <exception cref="IOException">The folder or its database cannot be used.</exception>
    public static WebApplication Build(SiloSettings settings, Action<IServiceCollection>? configure = null)
    {
        var root = Path.GetFullPath(settings.Folder);
        var folder = FolderLock.Share(root);
        try
        {
            var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "SparseGrid" });
            builder.WebHost.UseKestrelCore().UseUrls(settings.Urls);
            builder.Services.AddRoutingCore();
            builder.Configuration.AddInMemoryCollection(settings.Redis is null ? Profiles.Host(root) : Profiles.Cluster(root, settings.Redis, settings.Address));
            builder.Configuration.AddInMemoryCollection(Keys(settings));
            builder.Logging.AddProvider(new FileLoggerProvider(Path.Combine(root, $"{settings.SiloName}.log"), TimeProvider.System));
            builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("SparseGrid", LogLevel.Information);
            builder.Services.AddSingleton(_ => folder);
            builder.Services.AddHostedService<FolderKeeper>();
            builder.Services.AddClusterLife();
            builder.AddSparseGridSilo();
            if (settings.Redis is null)
                WatchedStorage.Watch(builder.Services, Profiles.Database(root));
            else
                WatchedRedis.Watch(builder.Services, settings.Redis);

            builder.Services.AddHealthChecks().AddCheck<SiloHealth>("silo");
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Microsoft.Orleans").AddPrometheusExporter());
            configure?.Invoke(builder.Services);

            var app = builder.Build();
            app.MapHealthChecks("/healthz");
            app.MapPrometheusScrapingEndpoint("/metrics");
            return app;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>When a lost silo is taken for dead, and how long this one may take to hand over what it runs.</summary>
    public static IServiceCollection AddClusterLife(this IServiceCollection services) => services
        .AddMembershipSettings()
        .Configure<HostOptions>(host => host.ShutdownTimeout = Drain)
        .Configure<GrainCollectionOptions>(collection => collection.DeactivationTimeout = Drain);

    private static Dictionary<string, string?> Keys(SiloSettings settings)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Orleans:Name"] = settings.SiloName,
            [$"Orleans:Metadata:{SiloRole.Key}"] = settings.Role,
            ["Devices:Device"] = settings.Device,
            ["Devices:SlotsPerDevice"] = (settings.Role == SiloRole.Control ? 0 : settings.Slots).ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in (settings.Set ?? []).Select(GridSettings.Split))
            keys[key] = value;
        return keys;
    }
}
