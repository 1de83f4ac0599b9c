using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>A ResNet-8 trained on the sample digits and calibrated on some of them, and all 1,797 digits.</summary>
internal sealed record TrainedDigits(RandomNetwork Network, LabeledImages Images)
{
    /// <summary>Trained once for the process.</summary>
    public static Lazy<TrainedDigits> Shared { get; } = new(Train);

    /// <summary>Predicted classes by scores [count, classes].</summary>
    public int[] Predictions(float[] scores)
    {
        var predicted = new int[Images.Count];
        Scores.ArgMax(scores, Images.Classes, predicted);
        return predicted;
    }

    private static TrainedDigits Train()
    {
        var images = DigitsCsv.Read(Path.Combine(AppContext.BaseDirectory, "CudaInt8", "digits.csv.gz"));
        var data = DataSplits.Of(images, validation: 0.1, test: 0.1, seed: 0);
        var graph = ResNet.Build("resnet8", images.Shape, images.Classes);
        using var network = new GraphNetwork(graph, GraphNetwork.Initial(graph, 3), ComputeDevice.Cpu);
        Trainer.Run(
            network, data, new(5, 64, 0.1, 0.9, 1e-4, ScheduleForm.Cosine, 0.5, 30, 0.1, 0, 0, false, 11), ImmutableSortedDictionary<string, HostArray>.Empty, null,
            new((_, _) => { }, (_, _) => { }, new CheckpointRule(long.MaxValue, TimeSpan.MaxValue, 1, TimeProvider.System)), CancellationToken.None);

        var weights = network.ToArrays();
        var placement = QuantizerPlacement.Of(graph, Dialect.CudaInt8);
        var quantized = placement.Activations.Select(quantizer => quantizer.Tensor).ToHashSet();
        var amax = ImmutableSortedDictionary.CreateBuilder<string, float>(StringComparer.Ordinal);
        using (NewDisposeScope())
        using (no_grad())
        {
            network.Forward(tensor(data.Train.Pixels(0, 256), [256, 1, 8, 8]), training: false, (name, value) =>
            {
                if (quantized.Contains(name))
                    amax[name] = value.abs().max().item<float>();
            });
        }

        var ranges = new QuantizationRanges(amax.ToImmutable(), graph.WeightedNodes.ToImmutableSortedDictionary(
            node => node.Name, node => WeightCalibrator.ChannelAmax(weights[((IWeightedNode)node).WeightName]), StringComparer.Ordinal));
        return new(new(graph, weights, placement, ranges), images);
    }
}
