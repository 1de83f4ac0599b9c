using System.Security.Cryptography;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Analysis;

/// <summary>
/// What INT8 without training does to a user's network: a file by each calibration method in the dialect <c>ort</c>, their accuracy and latency in ONNX Runtime, what
/// each layer costs by itself, and the images whose class changes.
/// </summary>
public static class QuickAnalysis
{
    /// <summary>Looks at a network.</summary>
    /// <param name="progress">Told often; from the calling thread.</param>
    /// <param name="stop">When cancelled, what was found by then is returned. While files are still read there is nothing yet.</param>
    /// <exception cref="InvalidDataException">The network or the images cannot be used; names what, the rule and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before there was anything to return.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static QuickResult Run(QuickOptions options, Action<QuickProgress> progress, CancellationToken stop)
    {
        Check(options);
        ComputeDevice.SetThreads(options.Threads);
        progress(new("read the network", 0));
        var bytes = File.ReadAllBytes(options.Model);
        var network = OnnxImport.Open(options.Model, ShapeOf(options.Shape));
        if (GraphNetwork.Unsupported(network.Graph).FirstOrDefault() is { } unsupported)
            throw new InvalidDataException($"{options.Model} cannot be evaluated here: {unsupported}");
        if (!network.Graph.WeightedNodes.Any())
            throw new InvalidDataException($"{options.Model} has no convolution and no fully connected layer, so there is nothing to quantize.");
        try
        {
            var classes = GraphShapes.Of(network.Graph)[network.Graph.OutputName].Count;
            var images = AnalysisImageReader.Read(options, network.Graph.InputShape, classes, _ => progress(new("read the images", 0)), stop);
            var run = new QuickRun(options, network, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)), images, progress, stop);
            return run.Result(complete: run.RunToEnd());
        }
        catch (ArgumentException fault) when (fault is not ArgumentOutOfRangeException)
        {
            // Calibration's words for weights and activations that are no numbers.
            throw new InvalidDataException($"{options.Model}: {fault.Message}", fault);
        }
        catch (NotSupportedException fault)
        {
            throw new InvalidDataException($"{options.Model}: {fault.Message}", fault);
        }
    }

    private static ImageShape? ShapeOf(string? text) => text is null ? null
        : text.Split('x') is [var channels, var rows, var columns] && int.TryParse(channels, out var c) && int.TryParse(rows, out var h) && int.TryParse(columns, out var w) && Math.Min(c, Math.Min(h, w)) > 0
            ? new ImageShape(c, h, w)
            : throw new InvalidDataException($"shape is {text}: give channels, rows and columns of one image, such as 3x224x224.");

    private static void Check(QuickOptions options)
    {
        if (options.Threads < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Threads, $"threads is {options.Threads}: at least 1.");
        if (options.MostImages < QuickOptions.FewestImages)
            throw new ArgumentOutOfRangeException(nameof(options), options.MostImages, $"images is {options.MostImages}: at least {QuickOptions.FewestImages}.");
        if (options.Calibration is < 1 || options.LatencyBatch < 1 || options.LatencyRuns < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "calibration, latency batch and latency runs are at least 1.");
        if (!File.Exists(options.Model))
            throw new InvalidDataException(Directory.Exists(options.Model) ? $"{options.Model} is a folder; name the .onnx file in it." : $"{options.Model}: there is no such file.");
    }
}
