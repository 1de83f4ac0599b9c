using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

internal sealed partial class GraphImporter
{
    private void Convolve(OnnxNode node)
    {
        var constant = Weights(node, 1, 4);
        var weight = constant.Unrounded ?? constant.Array;
        var seen = ImageOf(node, node.Inputs[0]);
        var x = seen.IsPadded ? seen.Tensor : Image(node, node.Inputs[0]);
        var groups = checked((int)node.Int("group", 1));
        var (outputs, inputs) = (checked((int)weight.Shape[0]), checked((int)(weight.Shape[1] * groups)));
        if (groups < 1 || inputs != shapes[x].Channels || outputs % groups != 0)
            throw node.Refused($"has a weight [{string.Join(", ", weight.Shape)}] in {groups} groups, but its input has {shapes[x].Channels} channels; the file is damaged");

        var window = WindowOf(node, x, weight.Shape[2], weight.Shape[3], seen.Zeros);
        var name = LayerName(node, constant.Name);
        var bias = Optional(node, 2, outputs);
        var layer = new Conv(name, x, node.Output, inputs, outputs, window, groups, bias is not null);
        TakeSteps(node, name, constant, outputAxis: 0);
        weights[layer.WeightName] = weight;
        if (bias is not null)
            TakeBias(layer.Name, layer.BiasName, bias);
        Write(layer, node.Output);
    }

    private void Multiply(OnnxNode node, bool transposed)
    {
        if (node.Int("transA", 0) != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)
            throw node.Refused("has transA, alpha or beta other than 0, 1, 1, which PyTorch does not write");
        if (values[node.Inputs[0]] is not ImageValue)
            throw node.Refused("multiplies a constant from the left; a layer multiplies its input by a constant from the right");
        var constant = Weights(node, 1, 2);
        var weight = constant.Unrounded ?? constant.Array;
        var x = Tensor(node.Inputs[0], node);
        if (!transposed)
            weight = Transposed(weight);
        if (!vectors.Contains(x) || shapes[x].Channels != weight.Shape[1])
            throw node.Refused($"multiplies [N, {string.Join(", ", DimsOf(x))}] by a matrix of {weight.Shape[1]} inputs; a fully connected layer takes [N, features]");

        var bias = Optional(node, 2, weight.Shape[0]);
        // PyTorch writes a layer on more than two axes as a product and a sum.
        var sum = bias is null && uses[node.Output] == 1 ? source.Node.FirstOrDefault(next => next.OpType == "Add" && next.Input.Contains(node.Output)) : null;
        var addend = sum?.Input.FirstOrDefault(input => values.GetValueOrDefault(input) is ConstantValue);
        var output = node.Output;
        if (addend is not null && values[addend] is ConstantValue { Array: { Type: ElementType.F32 } array } constantSum && array.Count == weight.Shape[0] && array.Shape.Length <= 2)
        {
            bias = constantSum with { Array = array with { Shape = [array.Count] } };
            folded.Add(sum!.Output[0]);
            output = sum.Output[0];
        }

        var layer = new Gemm(LayerName(node, constant.Name), x, output, checked((int)weight.Shape[1]), checked((int)weight.Shape[0]), bias is not null);
        TakeSteps(node, layer.Name, constant, outputAxis: transposed ? 0 : 1);
        weights[layer.WeightName] = weight;
        if (bias is not null)
            TakeBias(layer.Name, layer.BiasName, bias);
        Write(layer, node.Output);
        values[output] = values[node.Output];
    }

    private void TakeBias(string layer, string name, ConstantValue bias)
    {
        weights[name] = bias.Array;
        if (bias.Exact is { } exact)
            exactBiases[layer] = exact;
    }

    private void Normalize(OnnxNode node)
    {
        if (node.Int("training_mode", 0) != 0)
            throw node.Refused("is in training mode. Export the model in evaluation mode (model.eval())");
        var x = Tensor(node.Inputs[0], node);
        var channels = shapes[x].Channels;
        var name = LayerName(node, Weights(node, 1, 1).Name);
        var layer = new BatchNorm(name, x, node.Output, channels, node.Float("epsilon", 1e-5f), 1 - node.Float("momentum", 0.9f));
        string[] parameters = [layer.WeightName, layer.BiasName, layer.MeanName, layer.VarianceName];
        for (var i = 0; i < parameters.Length; i++)
        {
            weights[parameters[i]] = Optional(node, 1 + i, channels)?.Array
                ?? throw node.Refused($"has {node.Inputs.Count} inputs; a normalization has five");
        }

        Write(layer, node.Output);
    }

    private void Limit(OnnxNode node)
    {
        float Bound(int place, float otherwise) => node.Inputs.Count <= place || node.Inputs[place].Length == 0 ? otherwise
            : values[node.Inputs[place]] is ConstantValue { Array: { Type: ElementType.F32, Count: 1 } array } ? array.Floats[0]
            : throw node.Refused("has bounds that are no constant numbers");
        var (min, max) = (Bound(1, float.NegativeInfinity), Bound(2, float.PositiveInfinity));
        if (float.IsNaN(min) || float.IsNaN(max) || min > max)
            throw node.Refused($"limits values to {min} to {max}, which is no range");
        Append(node, (name, x) => (min, max) == (0, float.PositiveInfinity) ? new Relu(name, x, node.Output) : new Clip(name, x, node.Output, min, max));
    }

    private void Combine(OnnxNode node)
    {
        if (folded.Contains(node.Output))
            return;                                            // the bias of the layer before it
        var (left, right) = (values[node.Inputs[0]], values[node.Inputs[1]]);
        if (left is ImageValue && right is ImageValue)
        {
            var (a, b) = (Tensor(node.Inputs[0], node), Tensor(node.Inputs[1], node));
            if (node.Operation == "Mul" && (Gated(a, b, node.Inputs[1]) ?? Gated(b, a, node.Inputs[0])) is { } swished)
            {
                Write(new HardSwish(Unique(PathOf(node)), swished, node.Output), node.Output);
                return;
            }

            if (node.Operation == "Mul" && shapes[a].Count < shapes[b].Count)
                (a, b) = (b, a);
            Write(node.Operation switch
            {
                "Add" => new Add(Unique(PathOf(node)), a, b, node.Output),
                "Mul" => new Mul(Unique(PathOf(node)), a, b, node.Output),
                _ => throw node.Refused("combines two activations; of these only sums and products are in the layer graph"),
            }, node.Output);
            return;
        }

        var constant = (left as ConstantValue ?? right as ConstantValue)?.Array is { Type: ElementType.F32 } array
            ? array
            : throw node.Refused("combines an activation with a number that is no float constant");
        var x = Tensor(left is ImageValue ? node.Inputs[0] : node.Inputs[1], node);
        var channels = shapes[x].Channels;
        var numbers = PerChannel(node, constant, x);
        var (factor, shift) = (Numbers(channels, 1), Numbers(channels, 0));
        for (var c = 0; c < channels; c++)
        {
            (factor[c], shift[c]) = (node.Operation, left is ImageValue) switch
            {
                ("Add", _) => (1f, numbers[c]),
                ("Mul", _) => (numbers[c], 0f),
                ("Sub", true) => (1f, -numbers[c]),
                ("Sub", false) => (-1f, numbers[c]),
                ("Div", true) => (1 / numbers[c], 0f),
                _ => throw node.Refused("divides a constant by an activation, which the layer graph lacks"),
            };
        }

        // A product and then a sum are one layer, as the export of that layer writes them.
        if (node.Operation is "Add" or "Sub" && factor[0] == 1 && uses[left is ImageValue ? node.Inputs[0] : node.Inputs[1]] == 1
            && nodes.Find(layer => layer.Output == x) is ChannelScale product && weights[product.ShiftName].Floats.IndexOfAnyExcept(0f) < 0)
        {
            factor = weights[product.FactorName].Floats.ToArray();
            nodes.Remove(product);
            names.Remove(product.Name);
            x = product.Input;
        }

        var scale = new ChannelScale(Unique(PathOf(node)), x, node.Output, channels);
        weights[scale.FactorName] = HostArray.Of(factor, channels);
        weights[scale.ShiftName] = HostArray.Of(shift, channels);
        Write(scale, node.Output);
    }

    // x · hard sigmoid(x) is how operator sets below 14 say hard swish.
    private string? Gated(string x, string gate, string gateName)
    {
        if (uses[gateName] != 1 || nodes.Find(layer => layer.Output == gate) is not HardSigmoid { Slope: 1f / 6, Shift: 0.5f } sigmoid || sigmoid.Input != x)
            return null;
        nodes.Remove(sigmoid);
        names.Remove(sigmoid.Name);
        return x;
    }

    private float[] PerChannel(OnnxNode node, HostArray constant, string x)
    {
        var channels = shapes[x].Channels;
        if (constant.Count == 1)
            return Numbers(channels, constant.Floats[0]);
        // Axes of one number in front and, for an image, behind the channels.
        long[] sizes = [.. constant.Shape];
        var behind = vectors.Contains(x) ? 0 : 2;
        return constant.Count == channels && sizes.Length > behind && sizes[^(1 + behind)] == channels
            ? constant.Floats.ToArray()
            : throw node.Refused($"combines [N, {string.Join(", ", DimsOf(x))}] with a constant [{string.Join(", ", sizes)}]; one number, or one for each channel, can be combined");
    }

    private static float[] Numbers(int count, float value)
    {
        var numbers = new float[count];
        Array.Fill(numbers, value);
        return numbers;
    }

    // The array at an input, of so many axes.
    private ConstantValue Weights(OnnxNode node, int place, int axes)
    {
        if (node.Inputs.Count <= place || values[node.Inputs[place]] is not ConstantValue { Array.Type: ElementType.F32 } constant)
            throw node.Refused($"has no constant float weight at input {place}; weights that are computed from images are not in the layer graph");
        if (constant.Array.Shape.Length != axes || constant.Array.Count == 0)
            throw node.Refused($"has a weight [{string.Join(", ", constant.Array.Shape)}] where one of {axes} axes is right; convolutions are 2-D here");
        return constant;
    }

    private ConstantValue? Optional(OnnxNode node, int place, long count)
    {
        if (node.Inputs.Count <= place || node.Inputs[place].Length == 0)
            return null;
        return values[node.Inputs[place]] is ConstantValue { Array: { Type: ElementType.F32 } array } constant && array.Count == count
            ? constant with { Array = array with { Shape = [count] } }
            : throw node.Refused($"has no {count} constant numbers at input {place}");
    }

    private static HostArray Transposed(HostArray matrix)
    {
        var (rows, columns) = (checked((int)matrix.Shape[0]), checked((int)matrix.Shape[1]));
        var from = matrix.Floats;
        var to = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                to[column * rows + row] = from[row * columns + column];
        }

        return HostArray.Of(to, columns, rows);
    }
}
