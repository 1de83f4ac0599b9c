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

/// <summary>The network that was analysed.</summary>
/// <param name="Sha256">Of its file.</param>
/// <param name="Input">Channels, rows and columns of an image.</param>
/// <param name="DenseBytes">Size of the float file that is exported here, with which the INT8 files are compared.</param>
/// <param name="SameClass">Evaluation images that the user's own file and the exported float file put into the same class; null where not looked at.</param>
/// <param name="Compared">Evaluation images looked at for that.</param>
/// <param name="Notes">What the import left out or changed.</param>
public sealed record QuickModel(
    string File, string Sha256, string Input, int Classes, int WeightedLayers, long Parameters, long DenseBytes, int? SameClass, int Compared, ImmutableArray<string> Notes);

/// <summary>The images that were used, in three parts that share none.</summary>
/// <param name="Source">How they were read, in words.</param>
/// <param name="Found">Images there were.</param>
/// <param name="Calibration">Images that ranges come from.</param>
/// <param name="Choice">Images by which the best method is chosen, and each layer's cost is told.</param>
/// <param name="Evaluation">Images of all other figures.</param>
/// <param name="HasLabels">False where their classes are not known: then agreement with the dense network stands for accuracy.</param>
public sealed record QuickImages(
    string Source, int Found, int Calibration, int Choice, int Evaluation, bool HasLabels, string Preprocessing, int Seed, ImmutableArray<string> ClassNames, ImmutableArray<string> Notes);

/// <summary>Figures of one file on one part of the images.</summary>
/// <param name="Top1">Share of images put into their class, 0 to 1; null without labels.</param>
/// <param name="Agreement">Share of images put into the dense network's class, 0 to 1.</param>
/// <param name="ScoreError">Mean squared difference of scores to the dense network's, over the mean square of those: 0 for the dense network.</param>
public sealed record QuickFigures(double? Top1, double Agreement, double ScoreError);

/// <summary>An INT8 file by one calibration method.</summary>
/// <param name="Choice">On the images for choosing.</param>
/// <param name="Evaluation">On the others.</param>
/// <param name="Latency">Null where it was not measured.</param>
public sealed record QuickMethod(string Method, long Bytes, QuickFigures Choice, QuickFigures Evaluation, QuickLatency? Latency);

/// <summary>Time of a call, in milliseconds, in turn with the dense file's.</summary>
public sealed record QuickLatency(int Batch, int Threads, int Runs, double MedianMs, double P99Ms, double DenseMedianMs, double DenseP99Ms)
{
    /// <summary>Dense median over own median: above 1 is faster.</summary>
    public double SpeedUp => DenseMedianMs / MedianMs;
}

/// <summary>What it costs to quantize one layer and leave all others in float.</summary>
/// <param name="Shape">Its weight: 64x3x7x7.</param>
/// <param name="Figures">On the images for choosing.</param>
public sealed record LayerSensitivity(string Layer, string Shape, QuickFigures Figures);

/// <summary>An image whose class quantization changes.</summary>
/// <param name="Image">Its file, below the folder given; or its number in the data.</param>
/// <param name="Label">Its class; null where it is not known.</param>
/// <param name="Before">The class that the dense network gives.</param>
/// <param name="After">The class that the INT8 file gives.</param>
/// <param name="MarginBefore">The dense network's score of Before minus its score of After; above 0.</param>
/// <param name="MarginAfter">The INT8 file's score of After minus its score of Before; above 0.</param>
public sealed record FlippedPicture(string Image, int? Label, int Before, int After, double MarginBefore, double MarginAfter)
{
    /// <summary>The picture as it is to look at, [C, H, W], 0 to 255; of the first few alone.</summary>
    [JsonIgnore]
    public FlippedPixels? Pixels { get; init; }
}

/// <summary>Pixels of a picture, [C, H, W] row-major.</summary>
public sealed record FlippedPixels(byte[] Values, int Channels, int Height, int Width);

/// <summary>What the numbers were made with.</summary>
public sealed record QuickEnvironment(string Device, string Versions, int Threads, string? Caveat);
