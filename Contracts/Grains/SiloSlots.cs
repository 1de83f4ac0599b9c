using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Grains;

/// <summary>What one silo offers and runs.</summary>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Slots">Variants it can run at once.</param>
/// <param name="Running">Variants it runs now.</param>
/// <param name="Draining">True where it takes nothing new.</param>
/// <param name="Started">Runs started since the silo came up; each one uses up a reservation.</param>
/// <param name="Closed">Why it takes nothing for now, in words: a full disk; null where it takes.</param>
/// <param name="Environment">What it runs stages with: plans for this kind of device are made for it. Null from a silo of an older version.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.silo-slots")]
public sealed record SiloSlots(SiloAddress Silo, string Name, string Device, int Slots, ImmutableArray<VariantId> Running, bool Draining,
    long Started = 0, string? Closed = null, SiloEnvironment? Environment = null)
{
    /// <summary>Slots that nothing runs on.</summary>
    public int Free => Draining || Closed is not null ? 0 : Math.Max(0, Slots - Running.Length);
}
