using System.Text.RegularExpressions;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>apex's ASP with a channel permutation before the masks: the two networks of the recorded cases, with the recorded weights.</summary>
internal static partial class PermutedNetworkCases
{
    public static double Compare(GoldenCase each)
    {
        var images = each.Input("x")!;
        var described = each.Value("network")!.AsArray().Select(line => line!.GetValue<string>()).ToArray();
        var graph = GraphOf(each, described, new((int)images.Shape[1], (int)images.Shape[2], (int)images.Shape[3]));
        var weights = graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => each.Input($"init.{parameter.Name}")!);
        var layers = each.Value("sparse_parameters")!.AsArray().Select(name => name!.GetValue<string>()[..^".weight".Length]).ToHashSet();

        var found = NetworkPermutationSearch.Find(graph, weights, new(), seed: 1, layers, stop: TestContext.Current.CancellationToken);
        var permuted = found.Apply(weights);
        Assert.Equal(NamesIn(each, "permuted_in_C"), Reordered(found, axis: 1));
        Assert.Equal(NamesIn(each, "permuted_in_K"), Reordered(found, axis: 0));

        var dense = each.Output("y_dense")!.Floats.ToArray();
        var largest = Largest(dense, Run(graph, weights, images));
        largest = Math.Max(largest, Largest(dense, Run(graph, permuted, images)));
        Assert.True(largest < 1e-5, $"{each.Id}: outputs differ by {largest}");

        for (var group = 0; each.Value($"group{group}") is { } recorded; group++)
        {
            double Of(string name) => recorded[name]!.GetValue<double>();
            var own = found.Groups.Single(own => Math.Abs(own.Total - Of("total_magnitude")) < 1e-4);
            Assert.Equal(Of("kept_before"), own.KeptBefore, 1e-4);
            Assert.True(own.KeptAfter >= Of("kept_after") - 1e-4, $"{own.Group.Name} keeps {own.KeptAfter}, the reference {Of("kept_after")}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{each.Id} {own.Group.Name}: {own.KeptBefore:F4}, {own.KeptAfter:F4}, the reference {Of("kept_after"):F4}");
        }

        // What the search promised is what pruning keeps.
        Assert.Equal(found.Layers.Sum(layer => layer.KeptAfter), layers.Sum(layer => Kept(permuted[$"{layer}.weight"])), 1e-4);
        return largest;
    }

    private static LayerGraph GraphOf(GoldenCase each, string[] described, ImageShape input)
    {
        var builder = new GraphBuilder("x");
        var scores = each.Id.Contains("residual", StringComparison.Ordinal) || described.Any(line => line.Contains("relu(a+b)", StringComparison.Ordinal))
            ? Residual(builder, each, input)
            : Chain(builder, each, described, input);
        return new("golden", "x", input, scores, builder.Nodes);
    }

    private static string Chain(GraphBuilder builder, GoldenCase each, string[] described, ImageShape input)
    {
        var x = builder.Input;
        foreach (var line in described)
        {
            var name = LayerName().Match(line).Groups[1].Value;
            x = line switch
            {
                "relu" => builder.Add(new Relu($"relu{builder.Nodes.Length}", x, $"{x}_relu")),
                "global average pool" => builder.Add(new GlobalAveragePool("pool", x, "pooled")),
                "flatten" => builder.Add(new Flatten("flatten", x, "flat")),
                _ when line.Contains("Conv2d", StringComparison.Ordinal) => Conv(builder, each, name, x),
                _ when line.StartsWith("bn", StringComparison.Ordinal) => builder.Add(new BatchNorm(line, x, $"{line}_out", (int)each.Input($"init.{line}.weight")!.Count)),
                _ => Linear(builder, each, name, x),
            };
        }

        return x;
    }

    private static string Residual(GraphBuilder builder, GoldenCase each, ImageShape input)
    {
        var a = builder.Add(new Relu("relu1", Conv(builder, each, "conv1", builder.Input), "a"));
        var inner = builder.Add(new Relu("relu2", Conv(builder, each, "conv2", a), "inner"));
        var sum = builder.Add(new Add("add", a, Conv(builder, each, "conv3", inner), "sum"));
        var pooled = builder.Add(new GlobalAveragePool("pool", builder.Add(new Relu("relu3", sum, "y")), "pooled"));
        return Linear(builder, each, "fc", builder.Add(new Flatten("flatten", pooled, "flat")));
    }

    // Kernels of 3 have padding 1 there, kernels of 1 none.
    private static string Conv(GraphBuilder builder, GoldenCase each, string name, string from)
    {
        var weight = each.Input($"init.{name}.weight")!.Shape;
        return builder.Add(new Conv(
            name, from, $"{name}_out", (int)weight[1], (int)weight[0], Window.Square((int)weight[2], 1, (int)weight[2] / 2), HasBias: each.Input($"init.{name}.bias") is not null));
    }

    private static string Linear(GraphBuilder builder, GoldenCase each, string name, string from)
    {
        var weight = each.Input($"init.{name}.weight")!.Shape;
        return builder.Add(new Gemm(name, from, $"{name}_out", (int)weight[1], (int)weight[0], each.Input($"init.{name}.bias") is not null));
    }

    private static double[] Run(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, HostArray images) =>
        new ReferenceForward(graph, weights).Run(images.Floats.ToArray(), (int)images.Shape[0])[graph.OutputName];

    private static double Largest(float[] expected, double[] actual) => expected.Zip(actual, (left, right) => Math.Abs(left - right)).Max();

    private static double Kept(HostArray weight)
    {
        var mask = TwoFourMask.Of(weight);
        return weight.Floats.ToArray().Select((value, at) => Math.Abs((double)value) * mask.UnsignedBytes[at]).Sum();
    }

    private static IEnumerable<string> NamesIn(GoldenCase each, string value) =>
        each.Value(value)!.AsArray().Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Reordered(NetworkPermutation found, int axis) =>
        found.Groups.Where(group => group.Permutation is not null).SelectMany(group => group.Group.Arrays).Where(array => array.Axis == axis)
            .Select(array => array.Parameter).Order(StringComparer.Ordinal);

    [GeneratedRegex("^(\\w+):")]
    private static partial Regex LayerName();
}
