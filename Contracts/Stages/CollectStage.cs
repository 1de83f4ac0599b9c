using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Runs calibration images through the network once and keeps a histogram of every quantized tensor. Takes: weights. Makes: histograms.</summary>
/// <param name="Images">Calibration images, a class-balanced sample of the training split drawn by the seed.</param>
/// <param name="Bins">Bins of the first batch's range; a larger value later adds bins of the same width.</param>
/// <param name="Dialect">Decides which tensors are quantized.</param>
/// <param name="AnyLayers">True keeps a histogram of every tensor that some choice of layers quantizes, so that all choices share one pass; null for those of
/// all layers.</param>
/// <param name="SkipZeros">True leaves values of exactly 0 out of the counts; null counts them.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.collect")]
public sealed record CollectStage(int Images, int Bins, string Dialect, bool? AnyLayers = null, bool? SkipZeros = null) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "collect";
}
