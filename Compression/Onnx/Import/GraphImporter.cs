using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Schema;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Walks a file's nodes once, in their order, and appends the layers that they mean.</summary>
internal sealed partial class GraphImporter
{
    private readonly GraphProto source;
    private readonly int opset;
    private readonly ImageShape? givenShape;
    private readonly Dictionary<string, ImportedValue> values = [];
    private readonly Dictionary<string, int> uses = [];
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, ImageShape> shapes = [];
    private readonly HashSet<string> vectors = [];
    private readonly HashSet<string> names = [];
    private readonly HashSet<string> weightsTaken = [];
    private readonly Dictionary<string, HostArray> weights = [];
    private readonly List<string> notes = [];
    private string inputName = "";
    private long? batch;

    public GraphImporter(GraphProto source, int opset, ImageShape? givenShape, Func<string, long, long, byte[]> external)
    {
        (this.source, this.opset, this.givenShape) = (source, opset, givenShape);
        foreach (var name in source.Node.SelectMany(node => node.Input).Concat(source.Output.Select(output => output.Name)))
            uses[name] = uses.GetValueOrDefault(name) + 1;
        foreach (var tensor in source.Initializer)
            values[tensor.Name] = new ConstantValue(OnnxArrays.Read(tensor, external), tensor.Name);
        this.external = external;
    }

    private readonly Func<string, long, long, byte[]> external;

    /// <param name="name">Of the graph.</param>
    /// <param name="dialect">What the file says of its form; null where it says nothing.</param>
    public ImportedNetwork Import(string name, string? dialect)
    {
        repeats = Dialect.All.Any(each => each.Name == dialect && each.QuantizeBeforeMaxPool);
        var inputShape = ReadInput();
        if (source.Output.Count != 1)
            throw new InvalidDataException($"it has {source.Output.Count} outputs ({string.Join(", ", source.Output.Select(output => output.Name))}); a classifier has one. Export it in evaluation mode");
        foreach (var (node, place) in source.Node.Select((node, place) => (node, place)))
        {
            var each = new OnnxNode(node, place);
            if (each.Domain is not ("" or "ai.onnx"))
                throw each.Refused($"is of the domain '{each.Domain}', which is no standard ONNX. Export the model without custom operators");
            try
            {
                Import(each);
            }
            catch (KeyNotFoundException)
            {
                throw each.Refused($"reads {string.Join(", ", each.Inputs.Where(input => input.Length > 0 && !values.ContainsKey(input)).Select(input => $"'{input}'"))}, which nothing before it writes");
            }
        }

        var output = source.Output[0].Name;
        if (!values.TryGetValue(output, out var last) || last is not ImageValue image)
            throw new InvalidDataException($"its output '{output}' does not depend on the images");
        if (image.Dims.Count(size => size != 1) > 1)
            throw new InvalidDataException($"its output '{output}' is [N, {string.Join(", ", image.Dims)}]; a classifier's scores are [N, classes]");
        image = image with { Dims = [image.Dims.Aggregate(1L, (product, size) => product * size)] };
        var tensor = Materialize(image, output);

        var found = new FoundQuantizers(inputName, Reached(tensor), tensor);
        var graph = new LayerGraph(name, inputName, inputShape, found.Output, [.. found.Layers]);
        GraphShapes.Of(graph);
        var quantization = found.Quantization(graph, weightSteps, dialect, hasIntegerBias, notes);
        if (quantization is not null)
            quantization = quantization with { Layers = weightSteps.ToImmutableDictionary(layer => layer.Key, layer => new FileLayer(layer.Value, exactBiases.GetValueOrDefault(layer.Key))) };
        return new(
            graph, graph.Parameters.ToImmutableSortedDictionary(parameter => parameter.Name, parameter => weights[parameter.Name], StringComparer.Ordinal), batch, [.. notes])
        {
            Quantization = quantization,
        };
    }

    private ImageShape ReadInput()
    {
        var inputs = source.Input.Where(input => !values.ContainsKey(input.Name)).ToArray();
        if (inputs.Length != 1)
            throw new InvalidDataException($"it has {inputs.Length} inputs ({string.Join(", ", inputs.Select(input => input.Name))}); an image classifier has one");

        var dims = inputs[0].Type?.TensorType?.Shape?.Dim ?? [];
        if (dims.Count != 4)
            throw new InvalidDataException($"its input '{inputs[0].Name}' has {dims.Count} axes; images are [N, channels, rows, columns]");
        long Size(int axis, int? given) => dims[axis].DimValue > 0 ? dims[axis].DimValue
            : given ?? throw new InvalidDataException($"its input '{inputs[0].Name}' leaves axis {axis} open; say the shape of an image, or export it with one");
        inputName = inputs[0].Name;
        batch = dims[0].DimValue > 0 ? dims[0].DimValue : null;
        var shape = new ImageShape(
            checked((int)Size(1, givenShape?.Channels)), checked((int)Size(2, givenShape?.Height)), checked((int)Size(3, givenShape?.Width)));
        if (givenShape is { } given && given != shape)
            throw new InvalidDataException($"its input '{inputName}' takes images of {shape}, and those given are {given}. Give images of that shape, or export the model for these");
        if ((long)shape.Channels * shape.Height * shape.Width > int.MaxValue)
            throw new InvalidDataException($"its input '{inputName}' is {shape}, which is no image");
        shapes[inputName] = shape;
        values[inputName] = new ImageValue(inputName, [shape.Channels, shape.Height, shape.Width]);
        return shape;
    }

    private void Import(OnnxNode node)
    {
        if (node.Inputs.All(input => input.Length == 0 || values[input] is not ImageValue) && ShapeArithmetic.Fold(node, Given(node), external) is { } folded)
        {
            values[node.Output] = folded;
            return;
        }

        switch (node.Operation)
        {
            case "Identity" or "Dropout" or "Cast": Alias(node); break;
            case "Shape": values[node.Output] = ShapeOf(node); break;
            case "Conv": Convolve(node); break;
            case "Gemm": Multiply(node, transposed: node.Int("transB", 0) != 0); break;
            case "MatMul": Multiply(node, transposed: false); break;
            case "BatchNormalization": Normalize(node); break;
            case "Relu": Append(node, (name, x) => new Relu(name, x, node.Output)); break;
            case "Sigmoid": Append(node, (name, x) => new Sigmoid(name, x, node.Output)); break;
            case "HardSwish": Append(node, (name, x) => new HardSwish(name, x, node.Output)); break;
            case "HardSigmoid": Append(node, (name, x) => new HardSigmoid(name, x, node.Output, node.Float("alpha", 0.2f), node.Float("beta", 0.5f))); break;
            case "Clip": Limit(node); break;
            case "Add" or "Sub" or "Mul" or "Div": Combine(node); break;
            case "MaxPool" or "AveragePool": Pool(node); break;
            case "GlobalAveragePool": Append(node, (name, x) => new GlobalAveragePool(name, x, node.Output), image: true); break;
            case "GlobalMaxPool": PoolAll(node); break;
            case "ReduceMean": Average(node); break;
            case "Concat": Join(node); break;
            case "Split": Divide(node); break;
            case "Slice": Cut(node); break;
            case "Gather": Pick(node); break;
            case "Pad": Widen(node); break;
            case "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze": View(node); break;
            case "Transpose" when values[node.Inputs[0]] is ConstantValue constant: values[node.Output] = Exchanged(node, constant); break;
            case "Transpose": Exchange(node); break;
            case "Softmax" or "LogSoftmax" when source.Output.Any(output => output.Name == node.Output):
                notes.Add($"The {node.Operation} at the end was left out: the scores before it rank the classes alike, and training and calibration want these.");
                values[node.Output] = values[node.Inputs[0]];
                break;
            case "QuantizeLinear": Quantize(node); break;
            case "DequantizeLinear": Dequantize(node); break;
            case "QLinearConv" or "QLinearMatMul" or "QLinearAdd" or "ConvInteger" or "MatMulInteger" or "DynamicQuantizeLinear":
                throw node.Refused("computes with integers. Quantized files are imported where QuantizeLinear and DequantizeLinear stand around float operators (QDQ); write the file in that form");
            default:
                throw node.Refused(
                    "has no counterpart in the layer graph. It has Conv, Gemm, MatMul, BatchNormalization, Relu, Clip, Sigmoid, HardSigmoid, HardSwish, Add, Mul, Sub and Div with constants, pools, "
                    + "Concat, Split, channel slices and shuffles, and reshapes between images and vectors. Replace the operator in the model and export it anew");
        }
    }

    private ImportedValue?[] Given(OnnxNode node) => [.. node.Inputs.Select(input => input.Length == 0 ? null : values[input])];

    private void Alias(OnnxNode node)
    {
        if (node.Operation == "Cast" && node.Int("to", 1) is var type && type != (int)TensorProto.Types.DataType.Float)
            throw node.Refused($"casts an activation to type {type}; only float32 is computed");
        if (node.Operation == "Dropout" && node.Outputs.Skip(1).Any(mask => mask.Length > 0 && uses.ContainsKey(mask)))
            throw node.Refused("gives its mask to another node. Export the model in evaluation mode");
        values[node.Output] = values[node.Inputs[0]];
    }

    // An element-wise node, or one that takes images alone.
    private void Append(OnnxNode node, Func<string, string, Node> layer, bool image = false)
    {
        var x = image ? Image(node, node.Inputs[0]) : Tensor(node.Inputs[0], node);
        Write(layer(Unique(PathOf(node)), x), node.Output);
    }

    /// <summary>Appends a layer and says what its output is.</summary>
    private string Write(Node layer, string output)
    {
        var shape = GraphShapes.OutputOf(layer, [.. layer.Inputs.Select(input => shapes[input])]);
        if (shape.Channels < 1 || (long)shape.Channels * shape.Height * shape.Width > int.MaxValue)
            throw new InvalidDataException($"node '{layer.Name}' would give {shape}, which is too large");
        nodes.Add(layer);
        shapes[layer.Output] = shape;
        if (layer is Flatten or Gemm || (layer is not Unflatten && vectors.Contains(layer.Input)))
            vectors.Add(layer.Output);
        values[output] = new ImageValue(layer.Output, DimsOf(layer.Output));
        return layer.Output;
    }

    private long[] DimsOf(string tensor) =>
        vectors.Contains(tensor) ? [shapes[tensor].Count] : [shapes[tensor].Channels, shapes[tensor].Height, shapes[tensor].Width];

    private ImageValue ImageOf(OnnxNode node, string input) =>
        values[input] as ImageValue ?? throw node.Refused(
            values[input] is ImageLevels or ConstantLevels ? $"takes the integers '{input}'; between QuantizeLinear and DequantizeLinear nothing is computed here"
            : $"takes '{input}', which does not depend on the images, where it should");

    /// <summary>The graph's tensor that a name stands for.</summary>
    private string Tensor(string input, OnnxNode node) => Materialize(ImageOf(node, input), input, node);

    /// <summary>As above, an image [C, H, W].</summary>
    private string Image(OnnxNode node, string input)
    {
        var tensor = Tensor(input, node);
        return !vectors.Contains(tensor) ? tensor : throw node.Refused($"takes images, but '{input}' is [N, {shapes[tensor].Count}]");
    }

    // Writes the layer that a change of shape needs, if any.
    private string Materialize(ImageValue value, string name, OnnxNode? reader = null)
    {
        var own = DimsOf(value.Tensor);
        if (value is { Shuffle: 0, IsPadded: false })
        {
            if (value.Dims.AsSpan().SequenceEqual(own))
                return value.Tensor;
            var (view, output) = value.View ?? ($"{name}.view", name);
            if (value.Dims is [_] && !vectors.Contains(value.Tensor))
                return Write(new Flatten(Unique(view), value.Tensor, FreeTensor(output)), name);
            if (value.Dims is [_, 1, 1] && vectors.Contains(value.Tensor))
                return Write(new Unflatten(Unique(view), value.Tensor, FreeTensor(output)), name);
        }

        var what = value.IsPadded ? "is padded" : $"is [N, {string.Join(", ", own)}] seen as [N, {string.Join(", ", value.Dims)}]{(value.Shuffle > 0 ? " with axes exchanged" : "")}";
        throw new InvalidDataException(
            $"{(reader is null ? "the output" : $"node {reader}")} takes '{name}', which {what}: this is neither an image nor a vector in the layer graph. Rewrite that step of the model");
    }

    // A file's tensor that is only another view has a name that no layer writes yet.
    private string FreeTensor(string name) => !shapes.ContainsKey(name) ? name : Enumerable.Range(2, int.MaxValue - 2).Select(i => $"{name}.{i}").First(free => !shapes.ContainsKey(free));

    private ShapeValue ShapeOf(OnnxNode node)
    {
        ShapeNumber[] all = [new(1, OfBatch: true), .. ImageOf(node, node.Inputs[0]).Dims.Select(size => new ShapeNumber(size))];
        int Place(long at) => (int)Math.Clamp(at < 0 ? at + all.Length : at, 0, all.Length);
        var (start, end) = (Place(node.Int("start", 0)), Place(node.Int("end", all.Length)));
        return new(all[start..Math.Max(start, end)], IsScalar: false);
    }

    /// <summary>The layers that the output needs, in order.</summary>
    private List<Node> Reached(string output)
    {
        var needed = new HashSet<string> { output };
        var kept = new List<Node>();
        foreach (var node in nodes.AsEnumerable().Reverse().Where(node => node.Outputs.Any(needed.Contains)))
        {
            kept.Add(node);
            needed.UnionWith(node.Inputs);
        }

        kept.Reverse();
        return kept;
    }

    private string Unique(string name)
    {
        var free = name;
        for (var i = 2; !names.Add(free); i++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}.{i}");
        return free;
    }

    /// <summary>A layer's name: that of its weight without ".weight", else the module's path that PyTorch's exporter puts into the node's name, else that name.</summary>
    private string LayerName(OnnxNode node, string weight)
    {
        if (!weightsTaken.Add(weight))
            notes.Add($"Node {node} shares '{weight}' with another layer; here each has its own copy.");
        return Unique(weight.EndsWith(".weight", StringComparison.Ordinal) && weight.Length > ".weight".Length ? weight[..^".weight".Length] : PathOf(node));
    }

    // /layer1/layer1.0/conv1/Conv is the operation Conv of layer1.0.conv1.
    private static string PathOf(OnnxNode node)
    {
        if (!node.Name.StartsWith('/'))
            return node.Name;
        var path = "";
        foreach (var part in node.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(node.Operation is "Conv" or "Gemm" or "BatchNormalization" ? 1 : 0))
            path = path.Length == 0 || part.StartsWith(path + ".", StringComparison.Ordinal) ? part : $"{path}.{part}";
        return path.Length > 0 ? path : node.Name;
    }
}
