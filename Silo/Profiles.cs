using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration.Memory;
using SparseGrid.Silo.Embedding;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo;

/// <summary>Sets of configuration keys, laid under what the user configures.</summary>
public static class Profiles
{
    /// <summary>The service that all grids are: part of the key of every record.</summary>
    internal const string Service = "sparsegrid";

    private const string HostCluster = "host";

    /// <summary>The database of a grid's folder.</summary>
    public static string Database(string folder) => Path.Combine(folder, "grid.db");

    /// <summary>One process on this machine: localhost clustering on free ports, grain state and reminders in <c>grid.db</c> of the folder.</summary>
    public static Dictionary<string, string?> Embedded(string folder)
    {
        var connection = SqliteSchema.Install(Database(folder));
        var (silo, gateway) = FreePorts();
        return new()
        {
            ["Folder:Root"] = folder,
            ["Orleans:ClusterId"] = "embedded",
            ["Orleans:ServiceId"] = Service,
            ["Orleans:Name"] = "embedded",
            ["Orleans:Endpoints:AdvertisedIPAddress"] = IPAddress.Loopback.ToString(),
            ["Orleans:Endpoints:SiloPort"] = silo.ToString(CultureInfo.InvariantCulture),
            ["Orleans:Endpoints:GatewayPort"] = gateway.ToString(CultureInfo.InvariantCulture),
            ["Orleans:Clustering:ProviderType"] = "Development",
            ["Orleans:GrainStorage:Default:ProviderType"] = "Sqlite",
            ["Orleans:GrainStorage:Default:ConnectionString"] = connection,
            ["Orleans:Reminders:ProviderType"] = "AdoNet",
            ["Orleans:Reminders:Invariant"] = SqliteSchema.Invariant,
            ["Orleans:Reminders:ConnectionString"] = connection,
        };
    }

    /// <summary>
    /// One of several silo processes on this machine: they find each other, and clients find them, through tables in <c>grid.db</c> of the folder; loopback only.
    /// </summary>
    public static Dictionary<string, string?> Host(string folder)
    {
        var settings = Embedded(folder);
        settings["Orleans:ClusterId"] = HostCluster;
        settings.Remove("Orleans:Name");
        foreach (var (key, value) in HostClient(folder))
            settings[key] = value;
        return settings;
    }

    /// <summary>What a client needs to find the silos of <see cref="Host"/>.</summary>
    public static Dictionary<string, string?> HostClient(string folder) => new()
    {
        ["Orleans:ClusterId"] = HostCluster,
        ["Orleans:ServiceId"] = Service,
        ["Orleans:Clustering:ProviderType"] = "AdoNet",
        ["Orleans:Clustering:Invariant"] = SqliteSchema.Invariant,
        ["Orleans:Clustering:ConnectionString"] = SqliteSchema.ConnectionString(Database(folder)),
    };

    /// <summary>Silos of several machines: membership, grain state and reminders in Redis; artifacts in a folder that all of them see.</summary>
    /// <param name="redis">As StackExchange.Redis reads it: <c>host:6379,password=…</c>.</param>
    /// <param name="address">The address by which other machines reach this silo; null for loopback.</param>
    public static Dictionary<string, string?> Cluster(string folder, string redis, string? address)
    {
        var (silo, gateway) = FreePorts();
        var settings = ClusterClient(redis);
        settings["Folder:Root"] = folder;
        settings["Orleans:Endpoints:AdvertisedIPAddress"] = address ?? IPAddress.Loopback.ToString();
        settings["Orleans:Endpoints:SiloPort"] = silo.ToString(CultureInfo.InvariantCulture);
        settings["Orleans:Endpoints:GatewayPort"] = gateway.ToString(CultureInfo.InvariantCulture);
        foreach (var section in new[] { "GrainStorage:Default", "Reminders" })
        {
            settings[$"Orleans:{section}:ProviderType"] = "Redis";
            settings[$"Orleans:{section}:ConnectionString"] = redis;
        }

        return settings;
    }

    /// <summary>What a client needs to find the silos of <see cref="Cluster"/>.</summary>
    public static Dictionary<string, string?> ClusterClient(string redis) => new()
    {
        ["Orleans:ClusterId"] = "cluster",
        ["Orleans:ServiceId"] = Service,
        ["Orleans:Clustering:ProviderType"] = "Redis",
        ["Orleans:Clustering:ConnectionString"] = redis,
    };

    /// <summary>Lays the embedded profile under a host that configures no clustering; a host that does is left as it is.</summary>
    /// <remarks>The folder (<c>Folder:Root</c>) is the host's alone until it has ended.</remarks>
    /// <exception cref="IOException">Another process has the folder, or it or its database cannot be used.</exception>
    public static void UseEmbeddedProfileByDefault(this IHostApplicationBuilder host)
    {
        if (host.Configuration["Orleans:Clustering:ProviderType"] is not null)
            return;

        var root = Path.GetFullPath(host.Configuration["Folder:Root"] ?? new FolderOptions().Root);
        var folder = FolderLock.Take(root);
        host.Services.AddSingleton(_ => folder);
        host.Services.AddHostedService<FolderKeeper>();
        host.Services.AddSingleSiloClocks();
        host.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Embedded(root) });
    }

    // Both are held until both are known, so that they differ.
    private static (int Silo, int Gateway) FreePorts()
    {
        using TcpListener first = new(IPAddress.Loopback, 0), second = new(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
