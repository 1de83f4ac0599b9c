using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>Which slots are free: what the silos last said, less what is reserved. A function of reports and times, no clock of its own.</summary>
public sealed class SlotBoard(TimeSpan siloExpiry, TimeSpan reservationTime)
{
    private readonly Dictionary<SiloAddress, Seen> silos = [];

    /// <summary>Takes a silo's report; every run it started since the last one uses up a reservation.</summary>
    /// <returns>True where the silo offers more free slots than before.</returns>
    public bool Report(SiloSlots slots, DateTimeOffset now)
    {
        var before = Available(slots.Silo, now);
        if (!silos.TryGetValue(slots.Silo, out var seen))
            silos[slots.Silo] = seen = new();

        var started = seen.Slots is null ? 0 : slots.Started - seen.Slots.Started;
        for (var i = 0; i < started && seen.Reservations.Count > 0; i++)
            seen.Reservations.Dequeue();

        seen.Slots = slots;
        seen.At = now;
        return Available(slots.Silo, now) > before;
    }

    /// <summary>Reserves up to <paramref name="count"/> slots of a device kind, one after the other on the silo with most free; at equal numbers the smaller
    /// address.</summary>
    /// <param name="avoided">Silos that are taken only where no other has a slot.</param>
    public ImmutableArray<SiloAddress> Reserve(string device, int count, DateTimeOffset now, ImmutableArray<SiloAddress> avoided = default)
    {
        var reserved = ImmutableArray.CreateBuilder<SiloAddress>();
        while (reserved.Count < count)
        {
            var best = silos.Keys
                .Where(silo => silos[silo].Slots!.Device == device && Available(silo, now) > 0)
                .OrderBy(silo => !avoided.IsDefault && avoided.Contains(silo))
                .ThenByDescending(silo => Available(silo, now)).ThenBy(silo => silo.ToParsableString(), StringComparer.Ordinal)
                .FirstOrDefault();
            if (best is null)
                break;

            silos[best].Reservations.Enqueue(now + reservationTime);
            reserved.Add(best);
        }

        return reserved.ToImmutable();
    }

    /// <summary>Gives one reservation back.</summary>
    public void Release(SiloAddress silo)
    {
        if (silos.TryGetValue(silo, out var seen))
            seen.Reservations.TryDequeue(out _);
    }

    /// <summary>The silos heard of lately.</summary>
    public ImmutableArray<SiloSlots> Silos(DateTimeOffset now) =>
        [.. silos.Values.Where(seen => now - seen.At <= siloExpiry).Select(seen => seen.Slots!).OrderBy(slots => slots.Name, StringComparer.Ordinal)];

    /// <summary>Forgets a silo that has left the cluster.</summary>
    public void Forget(SiloAddress silo) => silos.Remove(silo);

    /// <summary>Forgets every silo that has left, also those that were not heard of for long.</summary>
    public void Forget(Func<SiloAddress, bool> gone)
    {
        foreach (var silo in silos.Keys.Where(gone).ToArray())
            silos.Remove(silo);
    }

    /// <summary>Silos that are remembered, heard of lately or not.</summary>
    public int Remembered => silos.Count;

    private int Available(SiloAddress silo, DateTimeOffset now)
    {
        if (!silos.TryGetValue(silo, out var seen) || now - seen.At > siloExpiry)
            return 0;

        while (seen.Reservations.TryPeek(out var end) && end <= now)
            seen.Reservations.Dequeue();

        return Math.Max(0, seen.Slots!.Free - seen.Reservations.Count);
    }

    private sealed class Seen
    {
        public SiloSlots? Slots { get; set; }

        public DateTimeOffset At { get; set; }

        public Queue<DateTimeOffset> Reservations { get; } = new();
    }
}
