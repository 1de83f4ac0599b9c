using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Which weights ASP takes: by layer, shape and type, and by name.</summary>
internal static partial class AspEligibility
{
    /// <summary>Rows of one layer each: "conv2d groups=2" with its parameters.</summary>
    /// <returns>0; NaN where a row is one that the reference takes and then fails to mask, which is not eligible here.</returns>
    public static double CompareLayers(JsonArray rows)
    {
        var differs = false;
        foreach (var row in rows.Select(row => row!))
        {
            var layer = row["layer"]!.GetValue<string>();
            var taken = row["sparse"]!.AsArray().Select(name => name!.GetValue<string>()).ToHashSet();
            foreach (var (name, sizes) in row["parameters"]!.AsObject().Where(parameter => !parameter.Key.Contains("bias", StringComparison.Ordinal)))
            {
                ImmutableArray<long> shape = [.. sizes!.AsArray().Select(size => size!.GetValue<long>())];
                var groups = GroupCount().Match(layer) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
                    : layer.Contains("depthwise", StringComparison.Ordinal) ? (int)shape[0] : 1;
                var reasons = Eligibility.Reasons(KindOf(layer), shape, MaskPattern.TwoFour, groups, TypeOf(layer), !layer.Contains("frozen", StringComparison.Ordinal)).ToArray();

                var failsLater = row["compute_sparse_masks_raises"] is not null;
                var expected = taken.Contains(name) && !failsLater;
                differs |= failsLater;
                Assert.True(expected == (reasons.Length == 0), $"{layer} {name} [{string.Join(", ", shape)}]: {string.Join("; ", reasons)}");
            }
        }

        return differs ? double.NaN : 0;
    }

    /// <summary>Rows of one network each, with layers allowed and disallowed; the network is that of the notes.</summary>
    public static void CompareNames(JsonArray rows, string notes)
    {
        var nodes = new List<Node>();
        var at = notes.IndexOf('(', StringComparison.Ordinal) + 1;
        Gather(notes, ref at, "", nodes);
        Assert.NotEmpty(nodes);
        var graph = new LayerGraph("net", "x", new(1, 1, 1), "x", [.. nodes]);
        foreach (var row in rows.Select(row => row!))
        {
            var arguments = row["args"]!.AsObject();
            var scope = new PruningScope
            {
                Only = arguments.TryGetPropertyValue("allowed_layer_names", out var allowed) && allowed is not null ? LayerPatterns.Parse(Texts(allowed)) : null,
                Except = LayerPatterns.Parse(Texts(arguments["disallowed_layer_names"])),
            };
            if (arguments["whitelist"] is { } kinds)
                scope = scope with { Kinds = [.. Texts(kinds).Select(kind => KindOf(kind))] };
            Assert.Equal(
                Texts(row["sparse"]), Eligibility.Of(graph, MaskPattern.TwoFour, scope).Where(layer => layer.Eligible).Select(layer => layer.WeightName));
        }
    }

    // "0 Linear(32,16), 1 ReLU, 4 Sequential(0 Linear(16,8))": up to the bracket that closes the list.
    private static void Gather(string text, ref int at, string prefix, List<Node> nodes)
    {
        while (at < text.Length && text[at] != ')')
        {
            var item = Item().Match(text, at);
            if (!item.Success)
                throw new FormatException($"'{text[at..]}' is no list of layers that these tests can read.");
            at += item.Length;
            var name = prefix + item.Groups["name"].Value;
            if (item.Groups["kind"].Value == "Sequential")
            {
                Gather(text, ref at, name + ".", nodes);
                at++;                                         // its closing bracket
            }
            else if (item.Groups["sizes"].Success)
            {
                var sizes = item.Groups["sizes"].Value.Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray();
                nodes.Add(item.Groups["kind"].Value == "Linear"
                    ? new Gemm(name, "x", name, sizes[0], sizes[1])
                    : new Conv(name, "x", name, sizes[0], sizes[1], Window.Square(sizes[2])));
            }
        }
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(text => text!.GetValue<string>()) ?? [];

#pragma warning disable CA1308 // The reference's own words are lower case.
    private static LayerKind KindOf(string layer) => layer.ToLowerInvariant() switch
    {
        var word when word.Contains("transpose", StringComparison.Ordinal) => LayerKind.TransposedConvolution,
        var word when word.StartsWith("conv", StringComparison.Ordinal) => LayerKind.Convolution,
        var word when word.StartsWith("multihead", StringComparison.Ordinal) => LayerKind.Attention,
        var word when word.StartsWith("embedding", StringComparison.Ordinal) => LayerKind.Embedding,
        var word when word.StartsWith("linear", StringComparison.Ordinal) => LayerKind.Linear,
        _ => throw new FormatException($"'{layer}' is no kind of layer known here."),
    };
#pragma warning restore CA1308

    private static ElementType TypeOf(string layer) =>
        layer.Contains("bfloat16", StringComparison.Ordinal) ? ElementType.BF16
        : layer.Contains("float16", StringComparison.Ordinal) ? ElementType.F16
        : layer.Contains("float64", StringComparison.Ordinal) ? ElementType.F64
        : ElementType.F32;

    [GeneratedRegex(@"groups=(\d+)")]
    private static partial Regex GroupCount();

    [GeneratedRegex(@"\G[,\s]*(?<name>\w+) (?<kind>\w+)(\((?<sizes>\d+(,\d+)*)\)|\()?")]
    private static partial Regex Item();
}
