using System.Diagnostics;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>
/// Threads and memory of silos that live on while others die. The first look at a process counts once it has run for ten seconds: by then it has loaded its libraries and trained.
/// </summary>
internal sealed class SiloGrowth
{
    // The thread pool adds threads for a while after a burst, and takes them away later. Memory: a collection is due only when a generation is full, and libtorch keeps what it was given.
    private const long MoreThreads = 16;
    private const long MoreKiB = 256 * 1024;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Silo, int Pid), (Stopwatch Since, (long Threads, long KiB)? First, (long Threads, long KiB) Last, TimeSpan Lived)> seen = [];

    /// <summary>Processes that have grown by more than is allowed, in words.</summary>
    public IEnumerable<string> Faults => seen
        .Where(silo => silo.Value is { First: { } first, Last: var last } && (last.Threads > first.Threads + MoreThreads || last.KiB > first.KiB + MoreKiB))
        .Select(silo => $"{silo.Key.Silo} ({silo.Key.Pid}) has grown: {Told(silo.Value)}");

    /// <summary>Takes a look at every silo that lives.</summary>
    public void Look(SiloCluster cluster)
    {
        foreach (var name in cluster.Names)
        {
            var (key, now) = ((name, cluster.Pid(name)), (cluster.Status(name, "Threads"), cluster.Status(name, "VmRSS")));
            var before = seen.TryGetValue(key, out var known) ? known : (Since: Stopwatch.StartNew(), First: null, Last: now, Lived: TimeSpan.Zero);
            seen[key] = (before.Since, before.First ?? (before.Since.Elapsed >= WarmUp ? now : null), now, before.Since.Elapsed);
        }
    }

    public override string ToString() => "threads and memory: " + string.Join(", ", seen.Where(silo => silo.Value.First is not null).Select(silo => $"{silo.Key.Silo} {Told(silo.Value)}"));

    private static string Told((Stopwatch Since, (long Threads, long KiB)? First, (long Threads, long KiB) Last, TimeSpan Lived) silo) =>
        $"{silo.First!.Value.Threads} → {silo.Last.Threads} threads, {silo.First.Value.KiB / 1024} → {silo.Last.KiB / 1024} MiB in {silo.Lived.TotalSeconds:0} s";
}
