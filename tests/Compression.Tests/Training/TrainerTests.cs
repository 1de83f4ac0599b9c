using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Training;

public sealed class TrainerTests
{
    private static readonly DataSplits Data = Stripes();
    private static readonly LayerGraph Graph = ResNet.Build("resnet8", Data.Train.Shape, Data.Train.Classes);
    private static readonly TrainingPlan Plan = new(3, 32, 0.05, 0.9, 1e-4, ScheduleForm.Cosine, 0.5, 30, 0.1, 0.05, 1, false, 11);
    private static readonly TrainingPlan AdamW = Plan with { LearningRate = 0.01, WeightDecay = 0.01, AdamW = new() };
    private static readonly ImmutableSortedDictionary<string, HostArray> NoMasks = ImmutableSortedDictionary<string, HostArray>.Empty;

    [Theory]
    [InlineData("sgd")]
    [InlineData("nesterov")]
    [InlineData("adamw")]
    public void Learns_a_simple_task(string optimizer)
    {
        using var network = Fresh();
        var outcome = Trainer.Run(network, Data, PlanOf(optimizer) with { Epochs = 8 }, NoMasks, null, Hooks(), TestContext.Current.CancellationToken);
        Assert.True(outcome.ValidationTop1 > 0.9, $"validation top-1 is {outcome.ValidationTop1}");
        Assert.Null(outcome.DivergedInEpoch);
    }

    [Fact]
    public void Weights_that_the_last_step_breaks_are_a_divergence_though_every_loss_was_finite()
    {
        using var network = Fresh();
        var before = network.ToArrays();
        var batch = Data.Train.Count;
        var outcome = Trainer.Run(
            network, Data,
            Plan with { Epochs = 1, BatchSize = batch, LearningRate = 3e38, WeightDecay = 1000, WarmupEpochs = 0, Schedule = ScheduleForm.Constant },
            NoMasks, null, Hooks(), TestContext.Current.CancellationToken);
        Assert.Equal(1, outcome.DivergedInEpoch);
        Assert.True(double.IsFinite(outcome.TrainLoss));
        Assert.True(network.IsFinite());
        Assert.Equal(SafeTensors.Write(before), SafeTensors.Write(network.ToArrays()));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        Assert.Equal(TrainOnce(NoMasks, quantized: false), TrainOnce(NoMasks, quantized: false));
    }

    [Theory]
    [InlineData("sgd", false, false, 1)]
    [InlineData("sgd", false, false, 13)]
    [InlineData("sgd", true, false, 7)]
    [InlineData("sgd", true, true, 5)]
    [InlineData("sgd", false, true, 16)]
    [InlineData("nesterov", true, false, 9)]
    [InlineData("adamw", false, false, 1)]
    [InlineData("adamw", true, false, 8)]
    [InlineData("adamw", true, true, 11)]
    public void A_training_stopped_at_any_step_and_resumed_ends_with_the_same_bits(string optimizer, bool masked, bool quantized, int stopAfter)
    {
        var plan = PlanOf(optimizer);
        var masks = masked ? Masks() : NoMasks;
        var undisturbed = TrainOnce(masks, quantized, plan);

        byte[]? checkpoint = null;
        using var stop = new CancellationTokenSource();
        var steps = 0;
        using (var cut = Fresh(quantized, masks))
        {
            var hooks = Hooks((_, bytes) => checkpoint = bytes, () =>
            {
                if (++steps == stopAfter)
                    stop.Cancel();
            });
            Assert.Throws<OperationCanceledException>(() => Trainer.Run(cut, Data, plan, masks, null, hooks, stop.Token));
        }

        using var resumed = Fresh(quantized, masks);
        Assert.True(TrainingCheckpoint.FromBytes(checkpoint!).Fits(Graph, plan));
        Trainer.Run(resumed, Data, plan, masks, checkpoint, Hooks(), TestContext.Current.CancellationToken);
        Assert.Equal(undisturbed, SafeTensors.Write(resumed.ToArrays()));
    }

    [Theory]
    [InlineData("sgd", false, false)]
    [InlineData("sgd", true, false)]
    [InlineData("sgd", true, true)]
    [InlineData("nesterov", true, false)]
    [InlineData("adamw", true, false)]
    public void A_training_killed_at_any_step_goes_on_from_its_last_checkpoint_to_the_same_bits(string optimizer, bool masked, bool quantized)
    {
        var plan = PlanOf(optimizer);
        var masks = masked ? Masks() : NoMasks;
        var checkpoints = new SortedDictionary<long, byte[]>();
        byte[] undisturbed;
        using (var network = Fresh(quantized, masks))
        {
            Trainer.Run(network, Data, plan, masks, null, Hooks(checkpoints.Add, checkpointEvery: 1), TestContext.Current.CancellationToken);
            undisturbed = SafeTensors.Write(network.ToArrays());
        }

        // 256 training images in batches of 32: 8 steps an epoch, 24 in all, and the last one needs no checkpoint.
        Assert.Equal(Enumerable.Range(1, 23).Select(step => (long)step), checkpoints.Keys);
        foreach (var step in (long[])[1, 7, 8, 9, 15, 16, 23])
        {
            using var resumed = Fresh(quantized, masks);
            var steps = 0;
            var outcome = Trainer.Run(resumed, Data, plan, masks, checkpoints[step], Hooks(step: () => steps++), TestContext.Current.CancellationToken);
            Assert.Equal(undisturbed, SafeTensors.Write(resumed.ToArrays()));
            Assert.Equal(24 - step, steps);
            Assert.True(double.IsFinite(outcome.TrainLoss) && double.IsFinite(outcome.ValidationTop1));
        }
    }

    [Fact]
    public void A_checkpoint_fits_the_plan_whose_optimizer_wrote_it_and_no_other()
    {
        byte[] Checkpoint(TrainingPlan plan)
        {
            byte[] latest = [];
            using var network = Fresh();
            Trainer.Run(network, Data, plan with { Epochs = 1 }, NoMasks, null, Hooks((_, bytes) => latest = bytes, checkpointEvery: 1), TestContext.Current.CancellationToken);
            return latest;
        }

        var (sgd, adamW) = (TrainingCheckpoint.FromBytes(Checkpoint(Plan)), TrainingCheckpoint.FromBytes(Checkpoint(AdamW)));
        Assert.Equal((true, false, false, true), (sgd.Fits(Graph, Plan), sgd.Fits(Graph, AdamW), adamW.Fits(Graph, Plan), adamW.Fits(Graph, AdamW)));
        Assert.False((adamW with { Optimizer = adamW.Optimizer.Remove("step") }).Fits(Graph, AdamW));
        Assert.False((adamW with { Step = adamW.Step + 1 }).Fits(Graph, AdamW));
        Assert.False((adamW with { Optimizer = adamW.Optimizer.Remove("exp_avg_sq/fc.bias") }).Fits(Graph, AdamW));
        Assert.False((sgd with { Weights = sgd.Weights.Remove("fc.bias") }).Fits(Graph, Plan));
    }

    [Fact]
    public void Masked_training_keeps_every_group_of_four_sparse()
    {
        var masks = Masks();
        using var network = Fresh(masks: masks);
        Trainer.Run(network, Data, Plan, masks, null, Hooks(), TestContext.Current.CancellationToken);
        var weights = network.ToArrays();
        Assert.All(masks.Keys, name => Assert.True(GroupsOfFour.Check(weights[name].Floats, weights[name].Shape.AsSpan()).Valid, name));
    }

    [Fact]
    public void A_training_that_diverges_says_so_and_gives_back_the_weights_it_started_from()
    {
        using var network = Fresh();
        var start = SafeTensors.Write(network.ToArrays());
        var outcome = Trainer.Run(network, Data, Plan with { LearningRate = 1e30 }, NoMasks, null, Hooks(), TestContext.Current.CancellationToken);
        Assert.NotNull(outcome.DivergedInEpoch);
        Assert.Equal(start, SafeTensors.Write(network.ToArrays()));
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using (var warm = Fresh(quantized: true))
            Trainer.Run(warm, Data, Plan with { Epochs = 1 }, NoMasks, null, Hooks(), TestContext.Current.CancellationToken);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = Fresh(quantized: true))
        {
            Trainer.Run(network, Data, Plan with { Epochs = 1 }, Masks(), null, Hooks(), TestContext.Current.CancellationToken);
            Trainer.Run(network, Data, AdamW with { Epochs = 1 }, Masks(), null, Hooks(), TestContext.Current.CancellationToken);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static TrainingPlan PlanOf(string optimizer) => optimizer switch { "sgd" => Plan, "nesterov" => Plan with { Nesterov = true }, _ => AdamW };

    private static byte[] TrainOnce(ImmutableSortedDictionary<string, HostArray> masks, bool quantized, TrainingPlan? plan = null)
    {
        using var network = Fresh(quantized, masks);
        Trainer.Run(network, Data, plan ?? Plan, masks, null, Hooks(), TestContext.Current.CancellationToken);
        return SafeTensors.Write(network.ToArrays());
    }

    private static GraphNetwork Fresh(bool quantized = false, ImmutableSortedDictionary<string, HostArray>? masks = null)
    {
        set_num_threads(1);
        var weights = GraphNetwork.Initial(Graph, 5);
        foreach (var (name, mask) in masks ?? NoMasks)
        {
            var kept = weights[name].Floats.ToArray();
            for (var i = 0; i < kept.Length; i++)
                kept[i] *= mask.UnsignedBytes[i];
            weights = weights.SetItem(name, HostArray.Of(kept, weights[name].Shape.AsSpan()));
        }

        var network = new GraphNetwork(Graph, weights, ComputeDevice.Cpu);
        if (quantized)
        {
            var placement = QuantizerPlacement.Of(Graph, Dialect.Ort);
            network.Quantize(
                placement,
                new(
                    placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 4f),
                    placement.Weights.ToImmutableSortedDictionary(node => node, node => Enumerable.Repeat(0.5f, Channels(node)).ToImmutableArray())),
                RoundingRule.Onnx);
        }

        return network;
    }

    private static int Channels(string node) => Graph.Nodes.First(candidate => candidate.Name == node) switch
    {
        Conv conv => conv.OutChannels,
        Gemm gemm => gemm.OutFeatures,
        _ => 0,
    };

    private static ImmutableSortedDictionary<string, HostArray> Masks()
    {
        var weights = GraphNetwork.Initial(Graph, 5);
        return Eligibility.Of(Graph).Where(layer => layer.Eligible)
            .ToImmutableSortedDictionary(layer => layer.WeightName, layer => TwoFourMask.Of(weights[layer.WeightName]), StringComparer.Ordinal);
    }

    private static TrainingHooks Hooks(Action<long, byte[]>? save = null, Action? step = null, long checkpointEvery = long.MaxValue) =>
        new((_, _) => step?.Invoke(), save ?? ((_, _) => { }), new(checkpointEvery, TimeSpan.FromHours(1), 1, TimeProvider.System));

    // Bright rows or bright columns, with noise: a small network tells them apart in a few epochs.
    private static DataSplits Stripes()
    {
        var random = new CounterRandom(1, "stripes");
        var pixels = new float[400 * 64];
        var labels = new int[400];
        for (var i = 0; i < 400; i++)
        {
            labels[i] = i % 4;
            for (var p = 0; p < 64; p++)
            {
                var line = labels[i] < 2 ? p / 8 : p % 8;
                var lit = line % (labels[i] % 2 == 0 ? 2 : 4) == 0;
                pixels[i * 64 + p] = (float)((lit ? 0.8 : 0.1) + 0.2 * random.Uniform(i, p));
            }
        }

        return DataSplits.Of(new LabeledImages(new ImageShape(1, 8, 8), 4, pixels, labels), 0.2, 0.2, 0);
    }
}
