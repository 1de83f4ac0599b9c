using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Runs calibration images through the network once and keeps a histogram of every quantized tensor. Takes: weights. Makes: histograms.</summary>
/// <param name="Images">Calibration images, a class-balanced sample of the training split drawn by the seed.</param>
/// <param name="Bins">Bins of the first batch's range; a larger value later adds bins of the same width.</param>
/// <param name="Dialect">Decides which tensors are quantized.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.collect")]
public sealed record CollectStage(int Images, int Bins, string Dialect) : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "collect";
}
