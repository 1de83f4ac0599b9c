using System.Collections.Immutable;

namespace SparseGrid.Contracts.Grains;

/// <summary>The cluster's view of its slots, in memory only and rebuilt from the silos' reports. Key 0.</summary>
[Alias("sparsegrid.ISlotBrokerGrain")]
public interface ISlotBrokerGrain : IGrainWithIntegerKey
{
    /// <summary>What a silo offers and runs now. Reported every few seconds and on every change.</summary>
    [Alias("Report")]
    Task Report(SiloSlots slots);

    /// <summary>Reserves up to <paramref name="count"/> free slots of a device kind for a short time; may give fewer, or none.</summary>
    [Alias("Reserve")]
    Task<ImmutableArray<SiloAddress>> Reserve(string device, int count);

    /// <summary>Reserves one free slot of a device kind on another silo than those given where there is one, else on one of them.</summary>
    /// <returns>The silo; null where no slot is free.</returns>
    [Alias("ReserveElsewhere")]
    Task<SiloAddress?> ReserveElsewhere(string device, ImmutableArray<SiloAddress> avoided);

    /// <summary>Gives a reservation back that was not used.</summary>
    [Alias("Release")]
    Task Release(SiloAddress silo);

    /// <summary>Asks to be told when slots come free; a sweep calls this while it has trials waiting.</summary>
    [Alias("Watch")]
    Task Watch(string sweep);

    /// <summary>The silos known now.</summary>
    [Alias("Silos")]
    Task<ImmutableArray<SiloSlots>> Silos();
}
