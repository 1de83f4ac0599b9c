using System.Net;
using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>What of a cluster's Redis may be told: its servers, never a password.</summary>
public static class RedisName
{
    /// <summary>The servers of a connection string, without what else it holds: <c>cache:6379</c>.</summary>
    public static string Endpoints(string redis) => string.Join(", ", Servers(redis));

    /// <summary>The servers as an option that leads there again; <c>…</c> stands for what else the connection string holds: <c>cache:6379,…</c>.</summary>
    public static string Option(string redis)
    {
        string[] servers = [.. Servers(redis)];
        return string.Join(',', redis.Contains('=') ? [.. servers, "…"] : servers);
    }

    /// <summary>Why a connection string cannot be read, and what it should be; null where it can.</summary>
    public static string? FaultOf(string redis)
    {
        const string Rule = "give HOST:PORT, or several of them, and options as StackExchange.Redis reads them: cache:6379,password=…,ssl=true.";
        try
        {
            return ConfigurationOptions.Parse(redis).EndPoints.Count > 0 ? null : $"it names no server; {Rule}";
        }
        catch (ArgumentException unreadable)
        {
            // What comes behind may be the value.
            return $"{unreadable.Message.Split(" (Parameter")[0].Split(';')[0].TrimEnd('.')}; {Rule}";
        }
    }

    private static IEnumerable<string> Servers(string redis)
    {
        var options = ConfigurationOptions.Parse(redis);
        options.SetDefaultPorts();
        return options.EndPoints.Select(Told);
    }

    private static string Told(EndPoint server) => server is DnsEndPoint named ? $"{named.Host}:{named.Port}" : $"{server}";
}
