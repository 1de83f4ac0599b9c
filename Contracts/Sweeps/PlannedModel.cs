using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Sweeps;

/// <summary>The network that a user brought, as it was planned with. Two are equal where recipes made of them are.</summary>
/// <param name="Settings">What enters the recipes.</param>
/// <param name="File">Name of the file, without its folder.</param>
/// <param name="FileDigest">SHA-256 of the file's bytes, 64 hex digits: where the network came from, and no identity.</param>
/// <param name="Input">Shape of one image: 3x224x224.</param>
/// <param name="Classes">Scores that it gives for an image.</param>
/// <param name="Layers">Layers with weights.</param>
/// <param name="Parameters">Values that training changes.</param>
/// <param name="Notes">What the import left out or changed, in words.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.planned-model")]
public sealed record PlannedModel(
    ModelSettings Settings, string File, string FileDigest, string Input, int Classes, int Layers, long Parameters, ImmutableArray<string> Notes)
{
    /// <inheritdoc/>
    public bool Equals(PlannedModel? other) => Settings == other?.Settings;

    /// <inheritdoc/>
    public override int GetHashCode() => Settings.GetHashCode();
}
