using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;

namespace SparseGrid.Compression.CudaInt8.Planning;

internal sealed partial class PlanBuilder
{
    private void Emit(Node node)
    {
        switch (node)
        {
            case Relu:
                Pointwise(node, PointwiseOperation.Clip, 0, float.PositiveInfinity);
                break;
            case Clip clip:
                Pointwise(node, PointwiseOperation.Clip, clip.Min, clip.Max);
                break;
            case HardSigmoid gate:
                Pointwise(node, PointwiseOperation.HardSigmoid, gate.Slope, gate.Shift);
                break;
            case Sigmoid:
                Pointwise(node, PointwiseOperation.Sigmoid);
                break;
            case HardSwish:
                Pointwise(node, PointwiseOperation.HardSwish);
                break;
            case Add:
                Pointwise(node, PointwiseOperation.Add);
                break;
            case Mul:
                Pointwise(node, PointwiseOperation.Multiply);
                break;
            case BatchNorm norm:
                var affine = ChannelAffine.Of(norm.Channels, null, norm, form.FloatWeights);
                PerChannel(norm, Array.ConvertAll(affine.Factor, value => (float)value), Array.ConvertAll(affine.Shift, value => (float)value));
                break;
            case ChannelScale scale:
                PerChannel(scale, form.FloatWeights.Of(scale.FactorName, scale.Channels).Floats.ToArray(), form.FloatWeights.Of(scale.ShiftName, scale.Channels).Floats.ToArray());
                break;
            case MaxPool pool:
                var pooled = Read(node.Input, node);
                var highest = Target(node.Name, node.Output, out var behindPool, natural: tensors[pooled].Scale);
                steps.Add(new MaxPoolStep(node.Name, pooled, highest, pool.Window));
                behindPool();
                break;
            case AveragePool pool:
                Average(node, pool.Window, pool.CountPadding);
                break;
            case GlobalAveragePool:
                var image = shapes[node.Input];
                Average(node, new(image.Height, image.Width), countPadding: true);
                break;
            case Concat concat:
                Concatenate(concat);
                break;
            case ChannelSlice slice:
                Moved(slice, slice.Start, slice.Count, 1);
                break;
            case ChannelShuffle shuffle:
                Moved(shuffle, 0, shapes[shuffle.Input].Channels, shuffle.Groups);
                break;
            case Flatten or Unflatten:
                Reshape(node);
                break;
            default:
                throw new NotSupportedException(
                    $"Node '{node.Name}' is a {node.GetType().Name}, which engine cuda-int8 has no kernel for: it would not give the same bits on processor and GPU. Run the network on another runtime, or replace the node.");
        }
    }

    private void Pointwise(Node node, PointwiseOperation operation, float first = 0, float second = 0)
    {
        int[] inputs = [.. node.Inputs.Select(input => Read(input, node))];
        var to = Target(node.Name, node.Output, out var finish);
        steps.Add(new PointwiseStep(node.Name, [.. inputs], to, operation, first, second));
        finish();
    }

    private void PerChannel(Node node, float[] factor, float[] shift)
    {
        if (!factor.Concat(shift).All(float.IsFinite))
            throw new InvalidDataException($"Node '{node.Name}' has a factor or shift that is not finite; has the training diverged?");
        var input = Read(node.Input, node);
        var to = Target(node.Name, node.Output, out var finish);
        steps.Add(new PointwiseStep(node.Name, [input], to, PointwiseOperation.Affine, Factor: factor, Shift: shift));
        finish();
    }

    private void Average(Node node, Window window, bool countPadding)
    {
        if ((window.DilationHeight, window.DilationWidth) != (1, 1))
            throw new NotSupportedException($"Node '{node.Name}' is an average pool with dilation, which engine cuda-int8 has no kernel for. Run the network on another runtime, or replace the node.");
        var input = Read(node.Input, node);
        var to = Target(node.Name, node.Output, out var finish);
        steps.Add(new AveragePoolStep(node.Name, input, to, window, countPadding));
        finish();
    }

    private void Concatenate(Concat node)
    {
        int[] inputs = [.. node.Inputs.Select(input => Read(input, node))];
        var to = Target(node.Name, node.Output, out var finish);
        var start = 0;
        foreach (var input in inputs)
        {
            var channels = tensors[input].Shape.Channels;
            steps.Add(new ChannelStep(node.Name, input, to, 0, start, channels));
            start += channels;
        }

        finish();
    }

    private void Moved(Node node, int start, int count, int groups)
    {
        var input = Read(node.Input, node);
        var to = Target(node.Name, node.Output, out var finish, natural: tensors[input].Scale);
        steps.Add(new ChannelStep(node.Name, input, to, start, 0, count, groups));
        finish();
    }

    // With one row and one column both orders are the same memory, and nothing is left to do.
    private void Reshape(Node node)
    {
        var input = Read(node.Input, node);
        var (scale, moves) = (tensors[input].Scale, shapes[node.Input] is not { Height: 1, Width: 1 });
        if (!moves && scales.GetValueOrDefault(node.Output, scale) == scale)
        {
            (scale > 0 ? levelForms : floatForms)[node.Output] = input;
            return;
        }

        var to = Target(node.Name, node.Output, out var finish, natural: scale);
        steps.Add(moves ? new FlattenStep(node.Name, input, to) : new PointwiseStep(node.Name, [input], to, PointwiseOperation.Copy));
        finish();
    }
}
