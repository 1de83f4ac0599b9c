using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Replays the plan of a recorded training: steps, masks computed, weights restored, and all that is known after each.</summary>
internal sealed class AspTraining : IDisposable
{
    private const double Tolerance = 2e-6;                    // float32 rounding; a float64 run of the reference is some 3e-7 from its own

    private readonly GoldenCase each;
    private readonly LayerGraph graph;
    private readonly GraphNetwork network;
    private readonly TrainingMasks masks;
    private readonly MaskedOptimizer optimizer;
    private readonly double learningRate;
    private double largest;

    public AspTraining(GoldenCase each)
    {
        this.each = each;
        set_num_threads(1);
        var image = each.Argument("image")!.AsArray().Select(size => size!.GetValue<int>()).ToArray();
        graph = AspNetwork.Build(each.Value("network")!.AsArray().Select(line => line!.GetValue<string>()), new(image[0], image[1], image[2]));
        Assert.Empty(graph.Problems());
        network = new(graph, graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => each.Input($"init.{parameter.Name}")!), ComputeDevice.Cpu);

        var pattern = MaskPattern.Named(each.Argument("mask_calculator", "m4n2_1d"));
        var sparse = Eligibility.Of(graph, pattern, PruningScope.Everything).Where(layer => layer.Eligible).Select(layer => layer.WeightName).ToArray();
        Assert.Equal(each.Value("sparse_parameters")!.AsArray().Select(name => name!.GetValue<string>()), sparse);
        masks = TrainingMasks.Dense(network.Trained.Where(parameter => sparse.Contains(parameter.Name)), pattern, each.Argument("allow_recompute_mask", false));
        Assert.Equal(
            each.Value("state_dict_keys_after_init")!.AsArray().Select(name => name!.GetValue<string>()).Where(name => name.Contains("__", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            masks.ToArrays().Keys);

        var settings = each.Argument("optimizer_args")!.AsObject();
        double Setting(string name, double otherwise) => settings[name]?.GetValue<double>() ?? otherwise;
        switch (each.Argument("optimizer", ""))
        {
            case "torch.optim.SGD":
                learningRate = Setting("lr", 1e-3);
                optimizer = new MaskedSgd(
                    network.Trained, masks, Setting("momentum", 0), Setting("weight_decay", 0), settings["nesterov"]?.GetValue<bool>() ?? false);
                break;
            case "torch.optim.AdamW":
                learningRate = Setting("lr", 1e-3);
                var betas = settings["betas"]?.AsArray().Select(beta => beta!.GetValue<double>()).ToArray() ?? [0.9, 0.999];
                optimizer = new MaskedAdamW(network.Trained, masks, new(betas[0], betas[1], Setting("eps", 1e-8)), Setting("weight_decay", 1e-2));
                break;
            case var other:
                throw new NotSupportedException($"The optimizer {other} has no counterpart here; SGD and AdamW have.");
        }
    }

    /// <summary>The largest error over everything recorded.</summary>
    public double Run()
    {
        foreach (var step in each.Value("plan")!.AsArray().Select(step => step!))
        {
            var prefix = step["prefix"]?.GetValue<string>() ?? "";
            var kind = step["op"]!.GetValue<string>();
            Action operation = kind switch
            {
                "compute_sparse_masks" => masks.Compute,
                "restore_pruned_weights" => masks.Restore,
                "zero_grad, forward, backward, step" => () => Step(prefix, step),
                _ => throw new NotSupportedException($"The operation '{kind}' has no counterpart here."),
            };
            if (step["raises"] is null)
                operation();
            else
                Assert.Throws<InvalidOperationException>(operation);

            if (step["is_sparsity_enabled"] is { } enabled)
                Assert.Equal(enabled.GetValue<bool>(), masks.Enabled);
            CompareState(prefix + ".");
        }

        return largest;
    }

    public void Dispose()
    {
        optimizer.Dispose();
        masks.Dispose();
        network.Dispose();
    }

    private void Step(string prefix, JsonNode recorded)
    {
        using var scope = NewDisposeScope();
        foreach (var (_, weight) in network.Trained)
            weight.grad?.zero_();
        var (x, y) = (each.Input($"{prefix}.x")!, each.Input($"{prefix}.y")!);
        var loss = cross_entropy(
            network.Forward(tensor(x.Floats.ToArray(), [.. x.Shape]), training: each.Argument("train_mode", true)), tensor(y.Longs.ToArray(), [.. y.Shape]));
        loss.backward();
        Near(recorded["loss"]!.GetValue<double>(), loss.item<float>(), $"{prefix} loss");
        CompareGradients($"{prefix}.grad_before_step.");
        optimizer.Step(learningRate, keepGradients: true);
        CompareGradients($"{prefix}.grad_after_step.");
    }

    private void CompareGradients(string start)
    {
        var gradients = network.Trained.Where(parameter => each.Output(start + parameter.Name) is not null)
            .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.grad!.contiguous().data<float>().ToArray());
        foreach (var (name, gradient) in gradients)
            Near(each.Output(start + name)!, gradient, start + name);
    }

    private void CompareState(string start)
    {
        var (weights, buffers, remembered) = (network.ToArrays(), masks.ToArrays(), optimizer.ToArrays());
        foreach (var role in each.Outputs.Where(role => role.StartsWith(start, StringComparison.Ordinal) && !role.Contains(".grad_", StringComparison.Ordinal)))
        {
            var name = role[start.Length..];
            var (kind, rest) = name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? (name[..dot], name[(dot + 1)..]) : (name, "");
            var expected = each.Output(role)!;
            if (kind == "mask")
                Assert.Equal(expected.UnsignedBytes.ToArray(), buffers[rest].UnsignedBytes.ToArray());
            else if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;                                     // PyTorch counts batches; nothing here reads such a number
            else
                Near(expected, Actual(kind, name, rest, weights, buffers, remembered).Floats.ToArray(), role);
        }
    }

    private static HostArray Actual(
        string kind, string name, string rest, ImmutableSortedDictionary<string, HostArray> weights, ImmutableSortedDictionary<string, HostArray> buffers,
        ImmutableSortedDictionary<string, HostArray> remembered) => kind switch
        {
            "pruned" => buffers[rest],
            "momentum_buffer" => remembered[rest],
            "exp_avg" or "exp_avg_sq" => remembered[$"{kind}/{rest}"],
            _ => weights[name],
        };

    private void Near(HostArray expected, float[] actual, string what)
    {
        Assert.Equal(expected.Count, actual.Length);
        var values = expected.ToFloats();
        for (var i = 0; i < actual.Length; i++)
            Near(values[i], actual[i], what);
    }

    private void Near(double expected, double actual, string what)
    {
        var error = Math.Abs(expected - actual);
        Assert.True(error <= Tolerance * Math.Max(1, Math.Abs(expected)), $"{what} is {actual}, the reference's {expected}");
        largest = Math.Max(largest, error);
    }
}
