using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Recipes;

/// <summary>A network that the user brought, as the artifacts that the plan made of the files. Names and places of files are no part of it.</summary>
/// <param name="Weights">SHA-256 of the artifact with a float32 array for every parameter, safetensors.</param>
/// <param name="Graph">SHA-256 of the artifact with the layers; null where the network is a builder's and only its weights were brought.</param>
/// <param name="BatchNorm">fresh: convolutions without a batch normalization get a new one when the weights are loaded. Null leaves the layers as they came.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.given-network")]
public sealed record GivenNetwork(string Weights, string? Graph = null, string? BatchNorm = null)
{
    /// <summary>True where new batch normalizations are put in.</summary>
    [JsonIgnore]
    public bool AddsBatchNorm => BatchNorm == "fresh";
}
