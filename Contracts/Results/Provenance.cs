namespace SparseGrid.Contracts.Results;

/// <summary>Where and when a number was made; never part of an identity.</summary>
/// <param name="Device">Processor or GPU model.</param>
/// <param name="DeviceFingerprint">Machine id and GPU UUID, or machine id and processor.</param>
/// <param name="Silo">Name of the silo.</param>
/// <param name="Versions">Library versions: libtorch 2.10.0, onnxruntime 1.31.1.</param>
/// <param name="Started">When the stage started.</param>
/// <param name="Duration">How long it ran.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.provenance")]
public sealed record Provenance(string Device, string DeviceFingerprint, string Silo, string Versions, DateTimeOffset Started, TimeSpan Duration);
