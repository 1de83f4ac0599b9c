using System.Globalization;
using System.Text.RegularExpressions;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Builds the chain that a recorded case lists: "conv1: Conv2d(3,16,kernel 3,stride 1,padding 1,no bias)", "relu", "fc1: Linear(32,24)".</summary>
internal static partial class AspNetwork
{
    /// <exception cref="FormatException">A line is of no form known here.</exception>
    public static LayerGraph Build(IEnumerable<string> lines, ImageShape input)
    {
        var builder = new GraphBuilder("input");
        var x = builder.Input;
        foreach (var (line, index) in lines.Select((line, index) => (line, index)))
            x = builder.Add(NodeOf(line, $"node{index}", x));
        return new("chain", "input", input, x, builder.Nodes);
    }

    private static Node NodeOf(string line, string unnamed, string from)
    {
        var match = Layer().Match(line);
        var name = match.Success ? match.Groups["name"].Value : unnamed;
        var to = $"{name}_out";
        int Number(string word, int otherwise) =>
            Regex.Match(line, $@"\b{word} (\d+)") is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : otherwise;
        int Size(string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return (match.Groups["kind"].Value, line) switch
        {
            ("Conv2d", _) => new Conv(
                name, from, to, Size("first"), Size("second"), Window.Square(Number("kernel", 1), Number("stride", 1), Number("padding", 0)), Number("groups", 1),
                HasBias: !line.Contains("no bias", StringComparison.Ordinal)),
            ("BatchNorm2d", _) => new BatchNorm(name, from, to, Size("first")),
            ("Linear", _) => new Gemm(name, from, to, Size("first"), Size("second"), HasBias: !line.Contains("no bias", StringComparison.Ordinal)),
            (_, "relu") => new Relu(name, from, to),
            (_, "flatten") => new Flatten(name, from, to),
            (_, "global average pool to 1x1") => new GlobalAveragePool(name, from, to),
            _ => throw new FormatException($"'{line}' is no layer that these tests can build."),
        };
    }

    [GeneratedRegex(@"^(?<name>[\w.]+): (?<kind>\w+)\((?<first>\d+)(,\s*(?<second>\d+))?")]
    private static partial Regex Layer();
}
