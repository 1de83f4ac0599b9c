using System.Collections.Concurrent;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>
/// Takes the news of all runs of this silo to the sweeps that watch. While one call to a sweep is under way, what comes in for it waits and goes with the next
/// together, so that a sweep of many short runs is called seldom and a single report is not held up.
/// </summary>
public sealed class ReportCollector(IGrainFactory grains)
{
    private readonly ConcurrentDictionary<string, Outbox> outboxes = new(StringComparer.Ordinal);

    /// <summary>Tells a sweep; ends when the sweep has taken the report.</summary>
    /// <exception cref="OrleansException">It could not be told, or perhaps was: the same report is to be sent again.</exception>
    /// <exception cref="TimeoutException">Likewise.</exception>
    public Task Tell(string sweep, VariantReport report) =>
        outboxes.GetOrAdd(sweep, name => new(batch => grains.GetGrain<ISweepGrain>(name).VariantsReached(batch))).Add(report);
}
