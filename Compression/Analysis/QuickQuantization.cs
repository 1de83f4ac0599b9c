using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Analysis;

/// <summary>Files of a network in the dialect <c>ort</c>, from one pass of calibration images.</summary>
internal sealed class QuickQuantization
{
    /// <summary>Passes of an image in ONNX Runtime that one through the training framework takes, with histograms of every tensor; about.</summary>
    public const double ImageCost = 4;

    // Few, because the pass keeps every tensor of a batch: 16 images of 224x224 through a ResNet-50 are 3 GB.
    private const int BatchSize = 16;

    private readonly ImportedNetwork network;
    private readonly IReadOnlyDictionary<string, ActivationHistogram> histograms;
    private readonly ImmutableSortedDictionary<string, ImmutableArray<float>> weights;
    private readonly Dictionary<(string Tensor, CalibrationMethod Method, bool Signed), float> found = [];

    private QuickQuantization(ImportedNetwork network, IReadOnlyDictionary<string, ActivationHistogram> histograms)
    {
        (this.network, this.histograms) = (network, histograms);
        weights = network.Graph.WeightedNodes.ToImmutableSortedDictionary(
            node => node.Name, node => WeightCalibrator.ChannelAmax(network.Weights[((IWeightedNode)node).WeightName]), StringComparer.Ordinal);
    }

    /// <summary>Runs the images through the network once.</summary>
    public static QuickQuantization Calibrate(ImportedNetwork network, LabeledImages images, Action<int> done, CancellationToken stop)
    {
        var histograms = QuantizerPlacement.Candidates(network.Graph, Dialect.Ort).ToDictionary(tensor => tensor, _ => new ActivationHistogram());
        using var floats = new GraphNetwork(network.Graph, network.Weights, ComputeDevice.Cpu);
        var before = 0;
        var hooks = new CalibrationHooks(Progress, Save: (_, _) => { }, new(long.MaxValue, TimeSpan.MaxValue, CostShare: 1, TimeProvider.System)); // It keeps no checkpoints.
        CalibrationPass.Run(floats, images, new(0, histograms), hooks, stop, BatchSize);
        return new(network, histograms);

        void Progress(int all)
        {
            done(all - before);
            before = all;
        }
    }

    /// <summary>Every layer quantized.</summary>
    public byte[] File(CalibrationMethod method) => Export(method, QuantizerPlacement.Of(network.Graph, Dialect.Ort));

    /// <summary>One layer quantized, all others in float.</summary>
    public byte[] FileOfLayer(CalibrationMethod method, string layer) =>
        Export(method, QuantizerPlacement.Of(network.Graph, Dialect.Ort, new(Include: LayerPatterns.Parse([layer]))));

    private byte[] Export(CalibrationMethod method, QuantizerPlacement placement)
    {
        var activations = placement.Activations.ToImmutableSortedDictionary(place => place.Tensor, place => Amax(place, method), StringComparer.Ordinal);
        return OnnxExporter.ExportQuantized(network.Graph, network.Weights, placement, new(activations, weights), Dialect.Ort, new());
    }

    private float Amax(ActivationQuantizer place, CalibrationMethod method)
    {
        var key = (place.Tensor, method, place.Signed);
        return found.TryGetValue(key, out var amax) ? amax : found[key] = ActivationCalibrator.Amax(histograms[place.Tensor], new(method), place.Levels);
    }
}
