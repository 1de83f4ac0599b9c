namespace SparseGrid.Silo.Storage;

/// <summary>What is wrong with a cluster's Redis (it does not answer, refuses, is out of memory), in a user's words: which, why, and what follows.</summary>
public static class RedisFault
{
    private const int LongestReason = 160;

    /// <summary>Says it without the counters that the client library puts behind.</summary>
    /// <param name="redis">The connection string; only its endpoints are told, never a password.</param>
    /// <remarks>
    /// Of a type that every silo and client can read, and without what caused it: an exception that has no codec would arrive as a complaint about that, and a run
    /// would take it for an error of the program.
    /// </remarks>
    public static IOException Of(string redis, Exception fault) => new(
        $"Redis {RedisName.Endpoints(redis)} cannot be used: {Reason(fault)}. Start it, or make it reachable. What was committed is kept, and sweeps go on by themselves when it answers.");

    private static string Reason(Exception fault)
    {
        var root = fault;
        while (root.InnerException is { } inner)
            root = inner;

        var text = root.Message.Split(", ")[0].Split('\n')[0].TrimEnd('.');
        return text.Length > LongestReason ? text[..LongestReason] + "…" : text;
    }
}
