using System.Collections.Immutable;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>One step of a plan: it reads tensors and writes one, by index.</summary>
/// <param name="Name">Name of the graph's node that it computes, with what was fused into it.</param>
/// <param name="Inputs">Tensors that it reads; empty where it reads the network's images.</param>
/// <param name="Output">Tensor that it writes.</param>
public abstract record PlanStep(string Name, ImmutableArray<int> Inputs, int Output);

/// <summary>Turns images, float32 [N, C, H, W] or float16 [N, H, W, C], into a tensor: level = round(clamp(x · (1 / scale), −128, 127)), halves to even.</summary>
public sealed record ImageStep(string Name, int To) : PlanStep(Name, [], To);

/// <summary>
/// Convolution of levels. Of the exact 32-bit sum a and, if there is one, the residual's level r it makes f = fma(a, α, b), f = fma(r, β, f), f = min(max(f, Low), High); the level
/// is f rounded, halves to even. A float output is f itself.
/// </summary>
/// <param name="Residual">A tensor of levels of the output's shape, added before the bounds; null for none.</param>
/// <param name="Beta">What a step of the residual is worth in the output's units.</param>
/// <param name="Low">Smallest f: of the activation behind it and of the output's levels.</param>
/// <param name="High">Largest f.</param>
public sealed record ConvStep(string Name, int From, int? Residual, int To, ConvGeometry Geometry, IntegerWeights Weights, float Beta, float Low, float High)
    : PlanStep(Name, Residual is { } r ? [From, r] : [From], To);

/// <summary>Convolution of float values with float weights: f = b, then f = fma(w, x, f) over rows, columns and channels in that order, then the bounds.</summary>
/// <param name="Weights">[K, R, S, C / groups].</param>
/// <param name="Bias">[K].</param>
public sealed record FloatConvStep(string Name, int From, int To, ConvGeometry Geometry, float[] Weights, float[] Bias) : PlanStep(Name, [From], To);

/// <summary>7x7 convolution of images with stride 2, ReLU and 3x3 max pool with stride 2 as one step: the same numbers as its three parts, which never reach memory.</summary>
public sealed record StemStep(ImageStep Image, ConvStep Conv, MaxPoolStep Pool) : PlanStep($"{Conv.Name}+{Pool.Name}", [], Pool.To);

/// <summary>Largest value of each window; input and output have one scale.</summary>
public sealed record MaxPoolStep(string Name, int From, int To, Window Window) : PlanStep(Name, [From], To);

/// <summary>Mean of each window: the sum (exact for levels; rows, then columns for floats), times input scale / output scale, divided by the count.</summary>
public sealed record AveragePoolStep(string Name, int From, int To, Window Window, bool CountPadding) : PlanStep(Name, [From], To);

/// <summary>Moves channel Start + i of the input to channel Place(i) of the output, for i below Count.</summary>
/// <param name="Shuffle">Groups of a channel shuffle; 1 for none.</param>
public sealed record ChannelStep(string Name, int From, int To, int Start, int ToStart, int Count, int Shuffle = 1) : PlanStep(Name, [From], To)
{
    /// <summary>The output channel of the i-th moved one.</summary>
    public int Place(int i) => ToStart + i % (Count / Shuffle) * Shuffle + i / (Count / Shuffle);
}

/// <summary>[N, H, W, C] to the order of [N, C, H, W] in one row for each image.</summary>
public sealed record FlattenStep(string Name, int From, int To) : PlanStep(Name, [From], To);

/// <summary>An operation on each value in float32, from and to levels where the tensors hold such: x = level · scale; level = round(clamp(f · (1 / scale), −128, 127)).</summary>
/// <param name="Factor">Of each channel, for <see cref="PointwiseOperation.Affine"/>; else empty.</param>
/// <param name="Shift">As long.</param>
public sealed record PointwiseStep(
    string Name, ImmutableArray<int> From, int To, PointwiseOperation Operation, float First = 0, float Second = 0, float[]? Factor = null, float[]? Shift = null)
    : PlanStep(Name, From, To);
