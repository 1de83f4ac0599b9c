using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Spec;

/// <summary>Where a network that the user brings is read from when the sweep is planned. Paths are absolute; what they hold becomes part of the recipes, they do not.</summary>
/// <param name="File">An ONNX file with layers and weights; null where the network is a builder's.</param>
/// <param name="Weights">A file with the weights of a builder's network: .pth, .pt or .safetensors. Null where <paramref name="File"/> brings them.</param>
/// <param name="BatchNorm">fresh: convolutions of <paramref name="File"/> without a batch normalization get a new one. Null leaves the layers as they are.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.model-source")]
public sealed record ModelSource(string? File = null, string? Weights = null, string? BatchNorm = null)
{
    /// <summary>The one file that is named.</summary>
    [JsonIgnore]
    public string Path => File ?? Weights ?? throw new InvalidOperationException("A source names a model file or a file of weights, and this one neither.");
}
