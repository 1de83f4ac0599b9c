using System.Globalization;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>A node of a file with what messages call it, and its attributes by name.</summary>
internal sealed class OnnxNode(NodeProto node, int place)
{
    public string Operation => node.OpType;

    public string Domain => node.Domain;

    /// <summary>The file's name of it, or its operation and place.</summary>
    public string Name { get; } = node.Name.Length > 0 ? node.Name : $"{node.OpType}_{place.ToString(CultureInfo.InvariantCulture)}";

    public IReadOnlyList<string> Inputs => node.Input;

    public IReadOnlyList<string> Outputs => node.Output;

    public string Output => node.Output.Count > 0 ? node.Output[0] : "";

    public bool Has(string attribute) => node.Attribute.Any(each => each.Name == attribute);

    public long Int(string attribute, long otherwise) => Find(attribute)?.I ?? otherwise;

    public float Float(string attribute, float otherwise) => Find(attribute)?.F ?? otherwise;

    public string Text(string attribute, string otherwise) => Find(attribute)?.S.ToStringUtf8() ?? otherwise;

    public long[]? Ints(string attribute) => Find(attribute) is { } found ? [.. found.Ints] : null;

    public AttributeProto? Find(string attribute) => node.Attribute.FirstOrDefault(each => each.Name == attribute);

    public InvalidDataException Refused(string why) => new($"node '{Name}' ({Operation}) {why}");

    public override string ToString() => $"'{Name}' ({Operation})";
}
