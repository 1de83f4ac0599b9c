using System.CommandLine;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Commands;

/// <summary>The option that names a cluster's Redis.</summary>
internal static class RedisOption
{
    /// <summary>It refuses what cannot be read as one, without telling the value: it may hold a password.</summary>
    public static Option<string?> Described(string description)
    {
        var redis = new Option<string?>("--redis") { Description = description, HelpName = "HOST:PORT" };
        redis.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && RedisName.FaultOf(token.Value) is { } fault)
                given.AddError($"--redis: {fault}");
        });
        return redis;
    }
}
