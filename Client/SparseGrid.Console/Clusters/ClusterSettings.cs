using SparseGrid.Console.Commands;
using SparseGrid.Silo;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Clusters;

/// <summary>The cluster that a command talks to.</summary>
/// <param name="Folder">The folder that its silos share.</param>
/// <param name="Redis">Its Redis; null for the silos of this machine, which are found through the folder.</param>
public sealed record ClusterSettings(string Folder, string? Redis)
{
    /// <summary>How a client finds the silos.</summary>
    public Dictionary<string, string?> Keys => Redis is null ? Profiles.HostClient(Path.GetFullPath(Folder)) : Profiles.ClusterClient(Redis);

    /// <summary>The options that lead here again, for a message: <c> --folder grid</c>; empty for the default. No password: messages are kept in logs and reports.</summary>
    public string Options =>
        (Folder == CommandLineParser.DefaultFolder ? "" : $" --folder {ShellWord.Of(Folder)}") + (Redis is null ? "" : $" --redis {RedisName.Option(Redis)}");
}
