using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Onnx;

/// <summary>A layer graph run by plain loops in double: slow, and written from the definitions of the operations only.</summary>
internal sealed class ReferenceForward(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights)
{
    /// <summary>What quantized tensors are replaced by, given their name and values; null leaves all as they are.</summary>
    public Func<string, double[], double[]>? Quantize { get; init; }

    /// <summary>What computed tensors are replaced by before they are quantized, given their name and values: those of the run that is checked, so that a difference is
    /// that of one node. Null leaves all as they are.</summary>
    public Func<string, double[], double[]>? Resume { get; init; }

    /// <summary>Nodes that read tensors as they are before they are quantized.</summary>
    public IReadOnlySet<string> FloatReaders { get; init; } = new HashSet<string>();

    /// <summary>amax of the weights of quantized nodes; null leaves them float.</summary>
    public QuantizationRanges? Ranges { get; init; }

    /// <summary>Every tensor by name, row-major.</summary>
    public Dictionary<string, double[]> Run(float[] images, int batch)
    {
        var shapes = GraphShapes.Of(graph);
        var floats = new Dictionary<string, double[]>();
        double[] Seen(string tensor, double[] values)
        {
            floats[tensor] = Resume?.Invoke(tensor, values) ?? values;
            return Quantize?.Invoke(tensor, floats[tensor]) ?? floats[tensor];
        }

        var tensors = new Dictionary<string, double[]> { [graph.InputName] = Seen(graph.InputName, Array.ConvertAll(images, value => (double)value)) };
        foreach (var node in graph.Nodes)
        {
            double[][] x = [.. node.Inputs.Select(name => (FloatReaders.Contains(node.Name) ? floats : tensors)[name])];
            var (from, to) = (shapes[node.Input], shapes[node.Output]);
            tensors[node.Output] = Seen(node.Output, node switch
            {
                Conv conv => Convolve(conv, x[0], batch, from, to),
                Gemm gemm => Multiply(gemm, x[0], batch),
                BatchNorm norm => Normalize(norm, x[0], from),
                Relu => Array.ConvertAll(x[0], value => Math.Max(value, 0)),
                Add => [.. x[0].Zip(x[1], (a, b) => a + b)],
                MaxPool pool => Pool(pool.Window, x[0], batch, from, to, (values, _) => values.Max()),
                AveragePool pool => Pool(pool.Window, x[0], batch, from, to, (values, size) => values.Sum() / (pool.CountPadding ? size : values.Count)),
                GlobalAveragePool => [.. x[0].Chunk(from.Height * from.Width).Select(map => map.Average())],
                Concat => [.. Enumerable.Range(0, batch).SelectMany(n => x.SelectMany(values => values.AsSpan(n * values.Length / batch, values.Length / batch).ToArray()))],
                Flatten => x[0],
                _ => throw new NotSupportedException(node.GetType().Name),
            });
        }

        return tensors;
    }

    /// <summary>The weight, fake-quantized where the node has ranges.</summary>
    private double[] Weight(IWeightedNode node)
    {
        var weight = weights[node.WeightName].Floats.ToArray();
        if (Ranges is null || !Ranges.Weights.TryGetValue(node.Name, out var amax))
            return Array.ConvertAll(weight, value => (double)value);

        var perChannel = weight.Length / amax.Length;
        return [.. weight.Select((value, i) =>
        {
            var scale = amax[i / perChannel] == 0 ? 1 : amax[i / perChannel] / 127f;
            return Math.Clamp(MathF.Round(value / scale, MidpointRounding.ToEven), -127, 127) * (double)scale;
        })];
    }

    private double[] Convolve(Conv conv, double[] x, int batch, ImageShape from, ImageShape to)
    {
        var (w, y) = (Weight(conv), new double[batch * to.Count]);
        var window = conv.Window;
        var (groupIn, groupOut) = (conv.InChannels / conv.Groups, conv.OutChannels / conv.Groups);
        for (var n = 0; n < batch; n++)
        for (var k = 0; k < to.Channels; k++)
        for (var i = 0; i < to.Height; i++)
        for (var j = 0; j < to.Width; j++)
        {
            var sum = conv.HasBias ? weights[conv.BiasName].Floats[k] : 0.0;
            for (var c = 0; c < groupIn; c++)
            for (var r = 0; r < window.KernelHeight; r++)
            for (var s = 0; s < window.KernelWidth; s++)
            {
                var row = i * window.StrideHeight - window.PadTop + r * window.DilationHeight;
                var column = j * window.StrideWidth - window.PadLeft + s * window.DilationWidth;
                if (row >= 0 && row < from.Height && column >= 0 && column < from.Width)
                {
                    sum += x[((n * from.Channels + k / groupOut * groupIn + c) * from.Height + row) * from.Width + column]
                        * w[((k * groupIn + c) * window.KernelHeight + r) * window.KernelWidth + s];
                }
            }

            y[((n * to.Channels + k) * to.Height + i) * to.Width + j] = sum;
        }

        return y;
    }

    private double[] Multiply(Gemm gemm, double[] x, int batch)
    {
        var (w, y) = (Weight(gemm), new double[batch * gemm.OutFeatures]);
        for (var n = 0; n < batch; n++)
        for (var k = 0; k < gemm.OutFeatures; k++)
        {
            var sum = gemm.HasBias ? weights[gemm.BiasName].Floats[k] : 0.0;
            for (var c = 0; c < gemm.InFeatures; c++)
                sum += x[n * gemm.InFeatures + c] * w[k * gemm.InFeatures + c];
            y[n * gemm.OutFeatures + k] = sum;
        }

        return y;
    }

    private double[] Normalize(BatchNorm norm, double[] x, ImageShape shape)
    {
        var y = new double[x.Length];
        for (var i = 0; i < y.Length; i++)
        {
            var c = i / (shape.Height * shape.Width) % shape.Channels;
            y[i] = (x[i] - weights[norm.MeanName].Floats[c]) / Math.Sqrt(weights[norm.VarianceName].Floats[c] + norm.Epsilon)
                * weights[norm.WeightName].Floats[c] + weights[norm.BiasName].Floats[c];
        }

        return y;
    }

    private static double[] Pool(
        Window window, double[] x, int batch, ImageShape from, ImageShape to, Func<IReadOnlyCollection<double>, int, double> reduce)
    {
        var y = new double[batch * to.Count];
        for (var map = 0; map < batch * to.Channels; map++)
        for (var i = 0; i < to.Height; i++)
        for (var j = 0; j < to.Width; j++)
        {
            var values = new List<double>();
            for (var r = 0; r < window.KernelHeight; r++)
            for (var s = 0; s < window.KernelWidth; s++)
            {
                var row = i * window.StrideHeight - window.PadTop + r * window.DilationHeight;
                var column = j * window.StrideWidth - window.PadLeft + s * window.DilationWidth;
                if (row >= 0 && row < from.Height && column >= 0 && column < from.Width)
                    values.Add(x[(map * from.Height + row) * from.Width + column]);
            }

            y[(map * to.Height + i) * to.Width + j] = reduce(values, window.KernelHeight * window.KernelWidth);
        }

        return y;
    }
}
