using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>Whether a cluster's Redis answers: asked before anything connects that would wait for it in silence.</summary>
public static class RedisAnswer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Connects, asks for a sign of life, and lets go.</summary>
    /// <param name="redis">As StackExchange.Redis reads it: <c>host:6379,password=…</c>.</param>
    /// <exception cref="IOException">It does not answer within 5 s, or refuses.</exception>
    public static async Task Require(string redis, CancellationToken stop = default)
    {
        try
        {
            var options = ConfigurationOptions.Parse(redis);
            (options.AbortOnConnectFail, options.ConnectTimeout, options.ConnectRetry) = (true, (int)Limit.TotalMilliseconds, 1);
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(2 * Limit, stop);
            await connection.GetDatabase().PingAsync().WaitAsync(Limit, stop);
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            throw RedisFault.Of(redis, fault);
        }
    }
}
