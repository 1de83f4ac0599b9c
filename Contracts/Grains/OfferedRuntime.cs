namespace SparseGrid.Contracts.Grains;

/// <summary>A runtime that a silo can evaluate and measure files with.</summary>
/// <param name="Name">onnxruntime or cuda-int8, as specs name it.</param>
/// <param name="Version">Name and version: onnxruntime 1.31.1; part of the key of a result.</param>
/// <param name="Fingerprint">Of the device that it runs on: machine id and processor, or machine id and GPU.</param>
/// <param name="Missing">Why it cannot be used after all, and what to do; null where it can.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.offered-runtime")]
public sealed record OfferedRuntime(string Name, string Version, string Fingerprint, string? Missing = null);
