using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

/// <summary>Memory over a thousand training steps. Alone, because resident memory is that of the whole process.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private const int WarmUp = 200;
    private const int Counted = 1000;
    private const long Slack = 8 << 20;                       // measured: below 1 MiB; one activation that leaks at each step is 16 MiB over 500

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stays_flat_over_a_thousand_steps(bool quantized)
    {
        set_num_threads(1);
        var data = DataSplits.Of(NoisyImages.Of(200), 0.2, 0.2, 0);                             // 128 images to train on: 8 steps an epoch
        var graph = ResNet.Build("resnet8", data.Train.Shape, data.Train.Classes, width: 8);
        var plan = new TrainingPlan((WarmUp + Counted) / 8, 16, 0.01, 0.9, 1e-4, ScheduleForm.Constant, 0, 30, 0.1, 0, 1, false, 11);
        using var network = Network(graph, quantized);

        var steps = 0;
        var tensors = new List<long>();
        var memory = new List<long>();
        var hooks = new TrainingHooks(
            (_, _) =>
            {
                if (++steps < WarmUp || steps % 50 != 0)
                    return;
                tensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                memory.Add(Resident());
            },
            (_, _) => { }, new(100, TimeSpan.FromHours(1), 1, TimeProvider.System));
        Trainer.Run(network, data, plan, ImmutableSortedDictionary<string, HostArray>.Empty, null, hooks, TestContext.Current.CancellationToken);

        // Allocators keep and give back at times of their own, so the least of each half counts: a leak lifts the second one's.
        Assert.Equal(WarmUp + Counted, steps);
        Assert.Single(tensors.Distinct());
        var (first, second) = (memory[..(memory.Count / 2)].Min(), memory[(memory.Count / 2)..].Min());
        TestContext.Current.TestOutputHelper?.WriteLine($"{first >> 10} KiB, then {second >> 10} KiB; {tensors[0]} tensors");
        Assert.True(second - first < Slack, $"{(second - first) >> 10} KiB more in the last 500 steps than in the 500 before; read: {string.Join(", ", memory)}");
    }

    private static GraphNetwork Network(LayerGraph graph, bool quantized)
    {
        var weights = GraphNetwork.Initial(graph, 5);
        var network = new GraphNetwork(graph, weights, ComputeDevice.Cpu);
        if (quantized)
        {
            var placement = QuantizerPlacement.Of(graph, Dialect.Ort);
            network.Quantize(
                placement,
                new(
                    placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 4f),
                    graph.WeightedNodes.ToImmutableSortedDictionary(node => node.Name, node => WeightCalibrator.ChannelAmax(weights[((IWeightedNode)node).WeightName]))),
                RoundingRule.Onnx);
        }

        return network;
    }

    // Before it is read, what .NET merely has not collected yet goes: it says nothing about leaks.
    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
