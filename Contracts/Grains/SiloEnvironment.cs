using System.Collections.Immutable;

namespace SparseGrid.Contracts.Grains;

/// <summary>What a silo runs stages with, as far as plans depend on it. It does not change while the silo is up.</summary>
/// <param name="DeviceName">Processor or GPU model, for people.</param>
/// <param name="Libtorch">Version of libtorch, part of every identity.</param>
/// <param name="Runtimes">What it can evaluate and measure with.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.silo-environment")]
public sealed record SiloEnvironment(string DeviceName, string Libtorch, ImmutableArray<OfferedRuntime> Runtimes);
