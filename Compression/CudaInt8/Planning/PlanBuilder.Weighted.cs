using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;

namespace SparseGrid.Compression.CudaInt8.Planning;

internal sealed partial class PlanBuilder
{
    /// <summary>A layer with weights and the nodes behind it that its kernel computes too.</summary>
    /// <param name="Last">Name of the last of them; the step stands at its place, when the residual is there too.</param>
    /// <param name="Inside">The nodes before it, which have no step of their own.</param>
    /// <param name="Residual">The other operand of a fused add and the node that reads it.</param>
    private sealed record Fusion(Node Layer, string Last, List<string> Inside, string Output, (string Tensor, Node Reader)? Residual, float Low, float High);

    private Fusion FusionOf(Node layer)
    {
        var (node, low, high) = (layer, float.NegativeInfinity, float.PositiveInfinity);
        var inside = new List<string>();
        (string, Node)? residual = null;
        var bounded = !layers.ContainsKey(layer.Name);            // a layer in float is computed by itself
        while (!bounded && !scales.ContainsKey(node.Output) && node.Output != graph.OutputName && graph.ConsumersOf(node.Output).ToArray() is [var next])
        {
            if (next is Relu or Clip)
                (low, high, bounded) = next is Clip clip ? (clip.Min, clip.Max, true) : (0, float.PositiveInfinity, true);
            else if (next is Add add && residual is null && Other(add, node.Output) is { } other && ScaleOf(other, add) > 0)
                residual = (other, add);
            else
                break;
            inside.Add(node.Name);
            node = next;
        }

        return new(layer, node.Name, inside, node.Output, residual, low, high);
    }

    private static string? Other(Add add, string operand) => add.Left == add.Right ? null : add.Left == operand ? add.Right : add.Left;

    private void EmitWeighted(Fusion fusion)
    {
        var geometry = GeometryOf(fusion.Layer);
        var input = Read(fusion.Layer.Input, fusion.Layer);
        if (!layers.TryGetValue(fusion.Layer.Name, out var layer))
        {
            var floats = Target(fusion.Last, fusion.Output, out var behindFloats);
            steps.Add(FloatLayer(fusion.Layer, geometry, input, floats));
            behindFloats();
            return;
        }

        if (!tensors[input].IsInteger)
            throw new InvalidDataException($"Node '{fusion.Layer.Name}' has a quantized weight, but its input '{fusion.Layer.Input}' has no quantizer; place one there, or leave the layer in float.");
        if (geometry.Products > MostProducts)
            throw new NotSupportedException($"Node '{fusion.Layer.Name}' sums {geometry.Products} products for one output; from {MostProducts} on the 32-bit sum could overflow. Leave the layer in float.");

        var target = Target(fusion.Last, fusion.Output, out var finish);
        var output = tensors[target];
        var unit = output.IsInteger ? (double)output.Scale : 1;
        float Bound(float bound) => (float)(output.IsInteger ? Math.Clamp(bound / unit, -128, 127) : bound);
        steps.Add(new ConvStep(
            fusion.Last == fusion.Layer.Name ? fusion.Layer.Name : string.Join("+", [.. fusion.Inside, fusion.Last]),
            input,
            fusion.Residual is { } residual ? Read(residual.Tensor, residual.Reader) : null,
            target,
            geometry,
            WeightsOf(layer, geometry, tensors[input].Scale, unit),
            fusion.Residual is { } added ? (float)(ScaleOf(added.Tensor, added.Reader) / unit) : 0,
            Bound(fusion.Low),
            Bound(fusion.High)));
        finish();
    }

    // α = s_x · s_w / s_y and b / s_y, computed in double and rounded once. Biases are what a file of this dialect holds, which is the file's own where the plan is made of one.
    private static IntegerWeights WeightsOf(QuantizedLayer layer, ConvGeometry geometry, float inputScale, double unit)
    {
        var channels = geometry.Output.Channels;
        var (alpha, bias) = (new float[channels], new float[channels]);
        var integers = layer is { HasFileBias: false, Bias: { } own, InputScale: { } scale } ? layer.Weight.Bias(own, scale) : default;
        for (var k = 0; k < channels; k++)
        {
            alpha[k] = (float)((double)inputScale * layer.Weight.Scales[k] / unit);
            bias[k] = layer.Bias is null ? 0
                : layer.HasFileBias ? (float)(layer.Bias[k] / unit)
                : integers.Levels is null ? (float)((float)layer.Bias[k] / unit)      // a file would hold it in float32
                : (float)(integers.Levels[k] * (double)integers.Scales[k] / unit);
            if (!float.IsFinite(alpha[k]) || !float.IsFinite(bias[k]))
                throw new InvalidDataException($"Layer '{layer.Node.Name}', channel {k}, has the factor {alpha[k]} and the bias {bias[k]} in steps of its output; both must be finite. Were its ranges calibrated on real data?");
        }

        return new(ChannelsInnermost(layer.Weight.Levels, geometry), alpha, bias);
    }

    private FloatConvStep FloatLayer(Node node, ConvGeometry geometry, int from, int to)
    {
        var weighted = (IWeightedNode)node;
        var parameters = node.Parameters.ToArray();
        var weight = form.FloatWeights.Of(parameters[0]).Floats.ToArray();
        var bias = parameters.Length > 1 ? form.FloatWeights.Of(parameters[1]).Floats.ToArray() : new float[geometry.Output.Channels];
        return weight.Concat(bias).All(float.IsFinite)
            ? new(weighted.Name, from, to, geometry, ChannelsInnermost(weight, geometry), bias)
            : throw new InvalidDataException($"A weight or bias of node '{node.Name}' is not finite; has the training diverged?");
    }

    private ConvGeometry GeometryOf(Node node) => node switch
    {
        Conv conv => new(shapes[conv.Input], shapes[conv.Output], conv.Window, conv.Groups),
        Gemm gemm => new(shapes[gemm.Input], shapes[gemm.Output], Window.Square(1), 1),
        _ => throw new NotSupportedException($"Node '{node.Name}' is a {node.GetType().Name} with weights; the engine knows convolutions and fully connected layers."),
    };

    // [K, C / groups, R, S] to [K, R, S, C / groups].
    private static T[] ChannelsInnermost<T>(T[] weight, ConvGeometry geometry)
    {
        var (taps, channels) = (geometry.Window.KernelHeight * geometry.Window.KernelWidth, geometry.Input.Channels / geometry.Groups);
        var moved = new T[weight.Length];
        for (var k = 0; k < geometry.Output.Channels; k++)
        {
            for (var c = 0; c < channels; c++)
            {
                for (var tap = 0; tap < taps; tap++)
                    moved[(k * taps + tap) * channels + c] = weight[(k * channels + c) * taps + tap];
            }
        }

        return moved;
    }
}
