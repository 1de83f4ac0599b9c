namespace SparseGrid.Compression.Analysis;

/// <summary>What a quick analysis is to look at.</summary>
/// <param name="Model">A classifier as an ONNX file.</param>
/// <param name="Images">A folder of pictures, in sub-folders by class or not; a folder of IDX or CIFAR files; an .npz or .csv file; or the name of a set: fashion-mnist.</param>
/// <param name="Preprocess">imagenet, unit, signed or bytes; null for imagenet where pictures of three channels are read, else unit.</param>
/// <param name="Labels">File with the name of a class on each line, in the order of the network's scores; null where folders tell.</param>
/// <param name="MostImages">Images used at most, a class-balanced choice by the seed; at least 8.</param>
/// <param name="Calibration">Images that ranges come from; null for a quarter, at most 256.</param>
/// <param name="Seed">Decides which images are used, and for what.</param>
/// <param name="Threads">Threads of libtorch and of ONNX Runtime, at least 1. Another number may give other last bits.</param>
/// <param name="LatencyBatch">Images a timed call.</param>
/// <param name="LatencyRuns">Timed calls of each file, in turn with the dense one.</param>
/// <param name="Mean">Subtracted from pixels from 0 to 1 in place of the preset's: a number, or one for each channel joined by commas.</param>
/// <param name="Std">Divided by then, in place of the preset's.</param>
/// <param name="Shape">Channels, rows and columns of an image, 3x224x224, where the file leaves them open; null otherwise.</param>
public sealed record QuickOptions(
    string Model, string Images, string? Preprocess = null, string? Labels = null, int MostImages = 600, int? Calibration = null, int Seed = 0, int Threads = 1,
    int LatencyBatch = 1, int LatencyRuns = 100, string? Mean = null, string? Std = null, string? Shape = null)
{
    /// <summary>Calls before the clock counts.</summary>
    public const int WarmupRuns = 10;

    /// <summary>The fewest images that make three parts.</summary>
    public const int FewestImages = 8;
}
