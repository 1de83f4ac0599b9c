using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Onnx.Import;

internal sealed partial class GraphImporter
{
    private const long Farthest = 1 << 20;

    private void Pool(OnnxNode node)
    {
        if (node.Outputs.Skip(1).Any(indices => indices.Length > 0 && uses.ContainsKey(indices)))
            throw node.Refused("gives the places of its maxima to another node, which the layer graph lacks");
        var seen = ImageOf(node, node.Inputs[0]);
        var x = seen.IsPadded && node.Operation == "AveragePool" ? seen.Tensor : Image(node, node.Inputs[0]);
        var kernel = node.Ints("kernel_shape");
        if (kernel is not [> 0, > 0])
            throw node.Refused("has no kernel of rows and columns");
        var window = WindowOf(node, x, kernel[0], kernel[1], seen.Zeros);
        // Zeros that a node before it has put there are pixels like others, as PyTorch writes padding that counts.
        var counts = seen.IsPadded || node.Int("count_include_pad", 0) != 0;
        if (seen.IsPadded && node.Int("count_include_pad", 0) == 0 && window != WindowOf(node, x, kernel[0], kernel[1], default) with
            {
                PadTop = seen.Zeros.Top, PadLeft = seen.Zeros.Left, PadBottom = seen.Zeros.Bottom, PadRight = seen.Zeros.Right,
            })
        {
            throw node.Refused("has padding that does not count around padding that does; the layer graph has one or the other");
        }

        if (node.Int("ceil_mode", 0) != 0)
        {
            var widened = Ceiled(window, shapes[x]);
            // Where nothing is padded but by rounding up, nothing counts: only pixels of the image are divided by.
            counts &= !Unpadded(window);
            if (counts && widened != window)
                throw node.Refused("rounds its size up and counts its padding; the layer graph does one or the other");
            window = widened;
        }

        // Without padding both ways of counting are one.
        counts |= Unpadded(window);
        var name = Unique(PathOf(node));
        Write(node.Operation == "MaxPool" ? new MaxPool(name, x, node.Output, window) : new AveragePool(name, x, node.Output, window, counts), node.Output);
    }

    private static bool Unpadded(Window window) => (window.PadTop, window.PadLeft, window.PadBottom, window.PadRight) == (0, 0, 0, 0);

    private void PoolAll(OnnxNode node)
    {
        var x = Image(node, node.Inputs[0]);
        Write(new MaxPool(Unique(PathOf(node)), x, node.Output, new(shapes[x].Height, shapes[x].Width)), node.Output);
    }

    // A mean over rows and columns.
    private void Average(OnnxNode node)
    {
        var x = Image(node, node.Inputs[0]);
        var axes = (node.Ints("axes") ?? (node.Inputs.Count > 1 ? FixedNumbers(node, 1) : [])).Select(axis => axis < 0 ? axis + 4 : axis).Order().ToArray();
        if (axes is not [2, 3])
            throw node.Refused($"averages over the axes {string.Join(", ", axes)}; rows and columns (2, 3) can be averaged over");
        Write(new GlobalAveragePool(Unique(PathOf(node)), x, FreeTensor(node.Int("keepdims", 1) != 0 ? node.Output : $"{node.Output}.image")), node.Output);
        if (node.Int("keepdims", 1) == 0)
            values[node.Output] = (ImageValue)values[node.Output] with { Dims = [shapes[x].Channels], View = ($"{PathOf(node)}.flatten", node.Output) };
    }

    private string Image(OnnxNode node, ImageValue value)
    {
        var tensor = Materialize(value, node.Inputs[0], node);
        return !vectors.Contains(tensor) ? tensor : throw node.Refused($"takes images, but '{node.Inputs[0]}' is [N, {shapes[tensor].Count}]");
    }

    private Window WindowOf(OnnxNode node, string x, long kernelHeight, long kernelWidth, (int Top, int Left, int Bottom, int Right) zeros)
    {
        long[] Pair(string attribute, long otherwise) => node.Ints(attribute) switch
        {
            null => [otherwise, otherwise],
            [var height, var width] when height is >= 1 and <= Farthest && width is >= 1 and <= Farthest => [height, width],
            var other => throw node.Refused($"has {attribute} [{string.Join(", ", other)}]; two numbers from 1 on are right"),
        };
        if (kernelHeight is < 1 or > Farthest || kernelWidth is < 1 or > Farthest || (node.Ints("kernel_shape") is { } said && said is not [var h, var w]) || (node.Ints("kernel_shape") is [var sh, var sw] && (sh, sw) != (kernelHeight, kernelWidth)))
            throw node.Refused($"has kernel_shape [{string.Join(", ", node.Ints("kernel_shape") ?? [])}] for a weight of {kernelHeight}x{kernelWidth}");
        var (stride, dilation) = (Pair("strides", 1), Pair("dilations", 1));
        var pads = node.Ints("pads") ?? [0, 0, 0, 0];
        if (pads.Length != 4 || pads.Any(pad => pad is < 0 or > Farthest))
            throw node.Refused($"has pads [{string.Join(", ", pads)}]; four numbers from 0 on are right");

        var shape = shapes[x];
        var same = node.Text("auto_pad", "NOTSET");
        if (same is "SAME_UPPER" or "SAME_LOWER")
        {
            var (rows, columns) = (Same(shape.Height, kernelHeight, stride[0], dilation[0]), Same(shape.Width, kernelWidth, stride[1], dilation[1]));
            pads = same == "SAME_UPPER"
                ? [rows / 2, columns / 2, rows - rows / 2, columns - columns / 2]
                : [rows - rows / 2, columns - columns / 2, rows / 2, columns / 2];
        }
        else if (same == "VALID")
        {
            pads = [0, 0, 0, 0];
        }
        else if (same != "NOTSET")
        {
            throw node.Refused($"has auto_pad '{same}'; NOTSET, VALID, SAME_UPPER and SAME_LOWER are right");
        }

        return new(
            (int)kernelHeight, (int)kernelWidth, (int)stride[0], (int)stride[1],
            (int)pads[0] + zeros.Top, (int)pads[1] + zeros.Left, (int)pads[2] + zeros.Bottom, (int)pads[3] + zeros.Right, (int)dilation[0], (int)dilation[1]);
    }

    private static long Same(int size, long kernel, long stride, long dilation) =>
        Math.Max(0, ((size + stride - 1) / stride - 1) * stride + dilation * (kernel - 1) + 1 - size);

    // The size is rounded up, and a last window that would begin in the padding is left out: as much more padding below and to the right.
    private static Window Ceiled(Window window, ImageShape from)
    {
        static int More(int size, int before, int after, int kernel, int stride)
        {
            var count = (size + before + after - kernel + stride - 1) / stride + 1;
            if ((count - 1) * stride >= size + before)
                count--;
            return Math.Max(0, (count - 1) * stride + kernel - size - before - after);
        }

        return window with
        {
            PadBottom = window.PadBottom + More(from.Height, window.PadTop, window.PadBottom, window.DilationHeight * (window.KernelHeight - 1) + 1, window.StrideHeight),
            PadRight = window.PadRight + More(from.Width, window.PadLeft, window.PadRight, window.DilationWidth * (window.KernelWidth - 1) + 1, window.StrideWidth),
        };
    }
}
