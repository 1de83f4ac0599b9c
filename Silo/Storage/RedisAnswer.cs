using System.Globalization;
using StackExchange.Redis;

namespace SparseGrid.Silo.Storage;

/// <summary>Whether a cluster's Redis answers: asked before anything connects that would wait for it in silence.</summary>
public static class RedisAnswer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(10);

    /// <summary>Asks again and again until it answers: a machine that starts everything at once may start it after its silos.</summary>
    /// <param name="limit">How long it is asked again; zero asks once.</param>
    /// <param name="tell">Hears every few seconds what is waited for, and that it came; nothing where it answers within a second.</param>
    /// <exception cref="IOException">It has not answered within the limit; says why not, and how long it was waited for.</exception>
    public static async Task Await(string redis, TimeSpan limit, Action<string> tell, TimeProvider clock, CancellationToken stop = default)
    {
        var (from, server, told) = (clock.GetTimestamp(), RedisName.Endpoints(redis), false);
        void Tell(object? state)
        {
            var left = limit - clock.GetElapsedTime(from);
            told = true;
            tell($"Redis {server} does not answer yet; waiting up to {Seconds(left > TimeSpan.Zero ? left : TimeSpan.Zero)} s more for it.");
        }

        // Beside the asking, which may take seconds each time.
        await using (limit == TimeSpan.Zero ? null : clock.CreateTimer(Tell, null, FirstWord, Reminder))
        {
            while (await Fault(redis, stop) is { } fault)
            {
                var waited = clock.GetElapsedTime(from);
                if (waited >= limit)
                    throw new IOException($"{fault.Message} It was waited for {Seconds(waited)} s.");
                await Task.Delay(Pause, clock, stop);
            }
        }

        if (told)
            tell($"Redis {server} answers, {Seconds(clock.GetElapsedTime(from))} s after it was first asked.");
    }

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

    private static async Task<IOException?> Fault(string redis, CancellationToken stop)
    {
        try
        {
            await Require(redis, stop);
            return null;
        }
        catch (IOException fault)
        {
            return fault;
        }
    }

    private static string Seconds(TimeSpan time) => Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
