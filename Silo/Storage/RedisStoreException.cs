using System.Net;
using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>The cluster's Redis cannot be used: it does not answer, refuses, or is out of memory. Says which, why, and what follows.</summary>
public sealed class RedisStoreException : IOException
{
    private const int LongestReason = 160;

    private RedisStoreException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>Says in a user's words what the client library says with its own counters behind.</summary>
    /// <param name="redis">The connection string; only its endpoints are told, never a password.</param>
    public static RedisStoreException Of(string redis, Exception fault) => new(
        $"Redis {Endpoints(redis)} cannot be used: {Reason(fault)}. Start it, or make it reachable. What was committed is kept, and sweeps go on by themselves when it answers.",
        fault);

    /// <summary>The servers of a connection string, without what else it holds.</summary>
    public static string Endpoints(string redis) => string.Join(", ", ConfigurationOptions.Parse(redis).EndPoints.Select(Told));

    private static string Told(EndPoint server) => server is DnsEndPoint named ? $"{named.Host}:{named.Port}" : $"{server}";

    private static string Reason(Exception fault)
    {
        var root = fault;
        while (root.InnerException is { } inner)
            root = inner;

        var text = root.Message.Split(", ")[0].Split('\n')[0].TrimEnd('.');
        return text.Length > LongestReason ? text[..LongestReason] + "…" : text;
    }
}
