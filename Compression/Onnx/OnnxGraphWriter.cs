using System.Runtime.InteropServices;
using Google.Protobuf;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx;

/// <summary>Collects nodes and constants of a file in the order they are added. Equal calls give equal bytes: no time, path or host goes in.</summary>
internal sealed class OnnxGraphWriter(int opset, string? batchName = null)
{
    private const string UsualBatchName = "N";
    private readonly GraphProto graph = new();
    private readonly HashSet<string> tensors = [];

    /// <summary>Version of the standard operator set.</summary>
    public int Opset { get; } = opset;

    /// <summary>Appends a node that writes one tensor.</summary>
    public string Node(string operation, string name, IEnumerable<string> inputs, string output, params ReadOnlySpan<AttributeProto> attributes)
    {
        Claim(output);
        var node = new NodeProto { OpType = operation, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a float32 constant; no dimensions make a scalar.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds an int8 constant.</summary>
    public string Constant(string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a uint8 constant.</summary>
    public string Constant(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorProto.Types.DataType.Uint8, values, shape);

    /// <summary>Adds an int32 constant.</summary>
    public string Constant(string name, ReadOnlySpan<int> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorProto.Types.DataType.Int32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds an int64 constant.</summary>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Declares a float32 input of the graph; a null size is open and named as the batch is, N unless it has a name.</summary>
    public void Input(string name, params ReadOnlySpan<long?> shape)
    {
        Claim(name);
        graph.Input.Add(Value(name, shape));
    }

    /// <summary>Declares a float32 output of the graph, sizes as those of an input.</summary>
    public void Output(string name, params ReadOnlySpan<long?> shape) => graph.Output.Add(Value(name, shape));

    /// <summary>The file's bytes.</summary>
    /// <param name="graphName">Name of the graph, where no metadata name it.</param>
    /// <param name="metadata">What the file says of itself; null for nothing.</param>
    /// <param name="dialect">The form of a quantized file; null for float.</param>
    public byte[] Bytes(string graphName, SourceMetadata? metadata, string? dialect)
    {
        graph.Name = metadata is { GraphName.Length: > 0 } ? metadata.GraphName : graphName;
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = OnnxMetadata.Producer, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        if (metadata?.GraphDescription is { } description)
            graph.DocString = description;
        if (metadata?.Description is { } text)
            model.DocString = text;
        if (metadata?.Domain is { } domain)
            model.Domain = domain;
        if (metadata?.Version is { } version)
            model.ModelVersion = version;

        (string Key, string? Value)[] own = [(OnnxMetadata.ProducerKey, metadata?.Producer), (OnnxMetadata.DialectKey, dialect)];
        foreach (var (key, value) in (metadata?.Properties ?? []).Select(property => (property.Key, (string?)property.Value)).Concat(own))
        {
            if (value is not null)
                model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model.ToByteArray();
    }

    /// <summary>The oldest file version whose readers know the operator set: ONNX's table of versions.</summary>
    private int IrVersion => Opset switch
    {
        < 15 => 7,
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };

    private string Constant(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> littleEndian, ReadOnlySpan<long> shape)
    {
        Claim(name);
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(littleEndian) };
        foreach (var size in shape)
            tensor.Dims.Add(size);
        graph.Initializer.Add(tensor);
        return name;
    }

    private void Claim(string tensor)
    {
        if (!tensors.Add(tensor))
            throw new InvalidDataException($"Two tensors of the file would be named '{tensor}'; rename the node or parameter of that name in the graph.");
    }

    private ValueInfoProto Value(string name, ReadOnlySpan<long?> shape)
    {
        var sizes = new TensorShapeProto();
        foreach (var size in shape)
            sizes.Dim.Add(size is { } known ? new TensorShapeProto.Types.Dimension { DimValue = known } : new TensorShapeProto.Types.Dimension { DimParam = batchName ?? UsualBatchName });

        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = sizes };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
