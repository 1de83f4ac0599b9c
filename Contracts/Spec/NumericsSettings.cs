namespace SparseGrid.Contracts.Spec;

/// <summary>How stages compute; part of every identity, never taken from the machine.</summary>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Threads">Intra-op threads of one slot: another count gives other bits.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.numerics-settings")]
public sealed record NumericsSettings(string Device = "cpu", int Threads = 1);
