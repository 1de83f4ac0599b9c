using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>Chooses amax of every quantizer. Takes: weights, histograms. Makes: ranges.</summary>
/// <param name="Method">max, entropy, percentile or mse, for activations; by default weights take the largest magnitude of each output channel.</param>
/// <param name="Percentile">Share in percent, used by the percentile method alone; 0 for the others.</param>
/// <param name="Layers">Which layers get ranges; null for all.</param>
/// <param name="Weights">How ranges of weights are found; null for the default.</param>
/// <param name="Search">Which ranges entropy and mse try; null for the default, and for the other methods.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage.calibrate")]
public sealed record CalibrateStage(string Method, double Percentile, string Dialect, QuantizedLayerSettings? Layers = null, WeightRangeSettings? Weights = null, RangeSearchSettings? Search = null)
    : Stage
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "calibrate";
}
