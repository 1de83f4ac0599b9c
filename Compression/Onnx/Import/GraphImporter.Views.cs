using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

internal sealed partial class GraphImporter
{
    private readonly HashSet<string> folded = [];

    // Another shape of the same values; a layer is written only where one reads it so.
    private void View(OnnxNode node)
    {
        var seen = ImageOf(node, node.Inputs[0]);
        var dims = node.Operation switch
        {
            "Flatten" => node.Int("axis", 1) == 1 ? [CountOf(seen.Dims)] : throw node.Refused($"flattens from axis {node.Int("axis", 1)} on; images are flattened from axis 1 on"),
            "Reshape" => Reshaped(node, seen),
            "Squeeze" => Squeezed(node, seen.Dims),
            _ => Unsqueezed(node, seen.Dims),
        };
        if (seen.IsPadded)
            throw node.Refused("changes the shape of a padded image, which the layer graph cannot");
        if (seen.Shuffle == 0)
        {
            values[node.Output] = seen with { Dims = dims, View = (PathOf(node), node.Output) };
            return;
        }

        var shape = shapes[seen.Tensor];
        if (!dims.AsSpan().SequenceEqual([shape.Channels, shape.Height, shape.Width]))
            throw node.Refused($"makes [N, {string.Join(", ", dims)}] of exchanged channels; only a channel shuffle, back to [N, {shape.Channels}, {shape.Height}, {shape.Width}], is in the layer graph");
        Write(new ChannelShuffle(Unique(PathOf(node)), seen.Tensor, node.Output, seen.Shuffle), node.Output);
    }

    private void Exchange(OnnxNode node)
    {
        var seen = ImageOf(node, node.Inputs[0]);
        var order = node.Ints("perm") ?? [];
        if (order.Select((axis, place) => axis == place).All(same => same) && order.Length == seen.Dims.Length + 1)
        {
            values[node.Output] = seen;
            return;
        }

        var shape = shapes[seen.Tensor];
        values[node.Output] = order is [0, 2, 1, 3, 4] && seen is { Shuffle: 0, IsPadded: false, Dims: [var groups, var each, var rows, var columns] }
            && !vectors.Contains(seen.Tensor) && (groups * each, rows, columns) == (shape.Channels, shape.Height, shape.Width)
                ? seen with { Dims = [each, groups, rows, columns], Shuffle = (int)groups }
                : throw node.Refused($"exchanges the axes [{string.Join(", ", order)}] of [N, {string.Join(", ", seen.Dims)}]; only a channel shuffle can be imported. Export the model with channels first");
    }

    private void Join(OnnxNode node)
    {
        var inputs = node.Inputs.Select(input => Tensor(input, node)).ToArray();
        var axis = node.Int("axis", 1);
        if (axis != 1 && axis != -DimsOf(inputs[0]).Length)
            throw node.Refused($"joins along axis {axis}; channels (1) can be joined");
        Write(new Concat(Unique(PathOf(node)), [.. inputs], node.Output), node.Output);
    }

    private void Divide(OnnxNode node)
    {
        var x = Tensor(node.Inputs[0], node);
        var dims = DimsOf(x);
        var axis = node.Int("axis", 0);
        if (axis != 1 && axis != -dims.Length)
            throw node.Refused($"splits along axis {axis}; channels (1) can be split");
        var parts = node.Ints("split") ?? (node.Inputs.Count > 1 && node.Inputs[1].Length > 0 ? FixedNumbers(node, 1) : Equal(dims[0], node.Outputs.Count));
        if (parts.Length != node.Outputs.Count || parts.Any(part => part < 1) || parts.Sum() != dims[0])
            throw node.Refused($"splits {dims[0]} channels into {string.Join(" + ", parts)} for {node.Outputs.Count} outputs");
        var start = 0L;
        for (var i = 0; i < parts.Length; start += parts[i++])
            Slice(node, x, node.Outputs[i], start, parts[i]);
    }

    private static long[] Equal(long channels, int parts)
    {
        var each = (channels + parts - 1) / parts;
        return [.. Enumerable.Range(0, parts).Select(part => Math.Min(each, channels - part * each))];
    }

    private void Cut(OnnxNode node)
    {
        var x = Tensor(node.Inputs[0], node);
        var dims = DimsOf(x);
        var (starts, ends) = (FixedNumbers(node, 1), FixedNumbers(node, 2));
        var axes = node.Inputs.Count > 3 && node.Inputs[3].Length > 0 ? FixedNumbers(node, 3) : [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = node.Inputs.Count > 4 && node.Inputs[4].Length > 0 ? FixedNumbers(node, 4) : [.. starts.Select(_ => 1L)];
        if (starts.Length != ends.Length || starts.Length != axes.Length || starts.Length != steps.Length)
            throw node.Refused("has starts, ends, axes and steps of different lengths");
        var (first, count) = (0L, dims[0]);
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i] < 0 ? axes[i] + dims.Length + 1 : axes[i];
            var size = axis >= 1 && axis <= dims.Length ? dims[axis - 1] : -1;
            long Place(long at) => Math.Clamp(at < 0 ? at + size : at, 0, size);
            var (start, end) = size < 0 ? (0, -1) : (Place(starts[i]), Place(ends[i]));
            if (axis == 1 && steps[i] == 1 && end > start)
                (first, count) = (start, end - start);
            else if (size < 0 || steps[i] != 1 || (start, end) != (0, size))
                throw node.Refused($"takes {starts[i]} to {ends[i]} by {steps[i]} along axis {axes[i]}; runs of channels (axis 1) can be taken");
        }

        Slice(node, x, node.Output, first, count);
    }

    // One channel, without its axis.
    private void Pick(OnnxNode node)
    {
        var x = Image(node, node.Inputs[0]);
        var axis = node.Int("axis", 0);
        if (axis is not (1 or -3) || values[node.Inputs[1]] is not ConstantValue { Array: { Type: ElementType.I64, Count: 1 } index })
            throw node.Refused($"picks along axis {axis}; one channel (axis 1) can be picked");
        var shape = shapes[x];
        var channel = index.Longs[0] < 0 ? index.Longs[0] + shape.Channels : index.Longs[0];
        Slice(node, x, node.Output, channel, 1);
        if (index.Shape.Length == 0)
            values[node.Output] = (ImageValue)values[node.Output] with { Dims = [shape.Height, shape.Width] };
    }

    private void Slice(OnnxNode node, string x, string output, long start, long count)
    {
        if (start < 0 || start + count > shapes[x].Channels)
            throw node.Refused($"takes channels {start} to {start + count - 1} of {shapes[x].Channels}");
        Write(new ChannelSlice(Unique(PathOf(node)), x, FreeTensor(output), (int)start, (int)count), output);
    }

    // Zeros around an image wait for the convolution that takes them over.
    private void Widen(OnnxNode node)
    {
        var x = Image(node, node.Inputs[0]);
        var pads = FixedNumbers(node, 1);
        var fill = node.Inputs.Count > 2 && node.Inputs[2].Length > 0 ? (values[node.Inputs[2]] as ConstantValue)?.Array : null;
        if (node.Text("mode", "constant") != "constant" || (fill is not null && (fill.Type != ElementType.F32 || fill.Count != 1 || fill.Floats[0] != 0))
            || pads.Length != 8 || pads.Any(pad => pad is < 0 or > Farthest) || (pads[0], pads[1], pads[4], pads[5]) != (0, 0, 0, 0))
        {
            throw node.Refused($"pads by [{string.Join(", ", pads)}] in mode {node.Text("mode", "constant")}; zeros around rows and columns can be imported, before a convolution");
        }

        var shape = shapes[x];
        values[node.Output] = new ImageValue(x, [shape.Channels, shape.Height + pads[2] + pads[6], shape.Width + pads[3] + pads[7]])
        {
            Zeros = ((int)pads[2], (int)pads[3], (int)pads[6], (int)pads[7]),
        };
    }

    private long[] Reshaped(OnnxNode node, ImageValue seen)
    {
        ShapeNumber[] target = values[node.Inputs[1]] switch
        {
            ShapeValue shape => shape.Numbers,
            ConstantValue { Array: { Type: ElementType.I64 } array } => [.. array.Longs.ToArray().Select(number => new ShapeNumber(number))],
            _ => throw node.Refused("has a shape that depends on the images"),
        };
        if (node.Int("allowzero", 0) != 0 && target.Any(number => number.Value == 0))
            throw node.Refused("makes an axis of no length");

        var count = CountOf(seen.Dims);
        var dims = new long[Math.Max(0, target.Length - 1)];
        for (var i = 0; i < dims.Length; i++)
        {
            dims[i] = target[i + 1] switch
            {
                { OfBatch: true } => throw node.Refused($"makes [{string.Join(", ", target)}]: the number of images may stand first only"),
                { Value: 0 } when i < seen.Dims.Length => seen.Dims[i],
                { Value: >= 1 or -1 } number => number.Value,
                var number => throw node.Refused($"makes an axis of length {number}"),
            };
        }

        var open = Array.IndexOf(dims, -1);
        var known = dims.Where(size => size > 0).Aggregate(1L, (product, size) => checked(product * size));
        if (open >= 0 && known > 0 && count % known == 0)
            dims[open] = count / known;
        // The first axis must come out as the images: said so, copied, left open, or the number that the file fixes.
        var first = target.Length == 0 ? default : target[0];
        if (target.Length < 2 || dims.Contains(-1) || CountOf(dims) != count || !(first is { OfBatch: true, Value: 1 } or { Value: 0 or -1 } || (first.Value == batch && !first.OfBatch)))
            throw node.Refused($"makes [{string.Join(", ", target)}] of [N, {string.Join(", ", seen.Dims)}], which mixes images or does not fit");
        return dims;
    }

    private long[] Squeezed(OnnxNode node, long[] dims)
    {
        var axes = Axes(node, dims.Length + 1) ?? [.. dims.Select((size, place) => (size, axis: place + 1L)).Where(each => each.size == 1).Select(each => each.axis)];
        if (axes.Any(axis => axis < 1 || axis > dims.Length || dims[axis - 1] != 1))
            throw node.Refused($"drops the axes {string.Join(", ", axes)} of [N, {string.Join(", ", dims)}]; axes of length 1 behind the images can be dropped");
        return [.. dims.Where((_, place) => !axes.Contains(place + 1))];
    }

    private long[] Unsqueezed(OnnxNode node, long[] dims)
    {
        var axes = Axes(node, dims.Length + 1 + (Axes(node, 0)?.Length ?? 0)) ?? throw node.Refused("says no axes");
        var result = dims.ToList();
        foreach (var axis in axes.Order())
        {
            if (axis < 1 || axis > result.Count + 1)
                throw node.Refused($"adds axis {axis} to [N, {string.Join(", ", dims)}]; axes behind the images can be added");
            result.Insert((int)axis - 1, 1);
        }

        return [.. result];
    }

    private long[]? Axes(OnnxNode node, int rank) =>
        (node.Ints("axes") ?? (node.Inputs.Count > 1 && node.Inputs[1].Length > 0 ? FixedNumbers(node, 1) : null))?.Select(axis => axis < 0 ? axis + rank : axis).ToArray();

    // Numbers that do not depend on the images.
    private long[] FixedNumbers(OnnxNode node, int place)
    {
        if (node.Inputs.Count <= place)
            throw node.Refused($"lacks its input {place}");
        return values[node.Inputs[place]] switch
        {
            ConstantValue { Array: { Type: ElementType.I64 } array } => array.Longs.ToArray(),
            ShapeValue shape when shape.Numbers.All(number => !number.OfBatch) => [.. shape.Numbers.Select(number => number.Value)],
            _ => throw node.Refused($"takes numbers at input {place} that depend on the images or their number"),
        };
    }

    private static long CountOf(long[] dims) => dims.Aggregate(1L, (product, size) => checked(product * size));
}
