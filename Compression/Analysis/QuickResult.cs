using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SparseGrid.Compression.Analysis;

/// <summary>What INT8 without training does to a network. The same options give the same result, but for latencies.</summary>
/// <param name="Complete">False where it was stopped; what had been found by then is here.</param>
/// <param name="Methods">Each calibration method's file, in the order max, entropy, percentile, mse; those that were done.</param>
/// <param name="Best">The method whose file is best on the images held out for choosing; null where none was evaluated.</param>
/// <param name="Layers">What each layer costs when it alone is quantized, in graph order; those that were done.</param>
/// <param name="Flips">Evaluation images whose class the best file changes; where there are labels, those it loses first.</param>
public sealed record QuickResult(
    bool Complete, QuickModel Model, QuickImages Images, QuickFigures? Dense, ImmutableArray<QuickMethod> Methods, string? Best, ImmutableArray<LayerSensitivity> Layers,
    ImmutableArray<FlippedPicture> Flips, QuickEnvironment Environment)
{
    /// <summary>The best method's file; null where none was evaluated.</summary>
    [JsonIgnore]
    public byte[]? BestFile { get; init; }

    /// <summary>The best method's row; null where none was evaluated.</summary>
    [JsonIgnore]
    public QuickMethod? BestMethod => Methods.FirstOrDefault(method => method.Method == Best);
}
