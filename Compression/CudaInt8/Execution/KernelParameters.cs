using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Execution;

// What the kernels take, field by field as Kernels/*.cuh declare it. Each kernel has one such parameter.

/// <summary>ConvParameters of common.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ConvParameters
{
    public nint X, W, Y, Residual, Alpha, Bias, Partials, Counters;
    public float Beta, Low, High;
    public int H, W2, C, OH, OW, K, P;
    public int Stride, Pad, S, Taps, ChannelBlocks, KBlocks, Splits;
    public int Halo, Buffers;
}

/// <summary>TwinParameters of conv_direct.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TwinParameters
{
    public ConvParameters First, Second;
    public int FirstBlocks;
    private readonly int unused;
}

/// <summary>StemParameters of stem.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StemParameters
{
    public nint X, W, Alpha, Bias, Y;
    public float Inverse, High;
}

/// <summary>A tensor that is read: levels worth Scale, or floats where it is 0; Stride values from one pixel to the next.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Operand
{
    public nint Data;
    public float Scale;
    public int Stride;
}

/// <summary>A tensor that is written: levels of 1 / Inverse, or floats where it is 0; Stride values from one pixel to the next.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Result
{
    public nint Data;
    public float Inverse;
    public int Stride;
}

/// <summary>How a kernel slides over images.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Slide
{
    public int N, H, W, C, OH, OW, K, R, S, StrideY, StrideX, PadY, PadX, DilationY, DilationX, Groups;
}

/// <summary>Images to a tensor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ImageParameters
{
    public nint X;
    public Result Y;
    public int C, HW;
    public ulong Count;
}

/// <summary>A convolution of levels, any shape.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlainConv
{
    public nint X, W, Y, Residual, Alpha, Bias;
    public float Beta, Low, High;
    public int Floats, XStride, YStride, ResidualStride;
    private readonly int unused;
    public Slide Slide;
}

/// <summary>A convolution of floats.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FloatConv
{
    public Operand X;
    public Result Y;
    public nint W, Bias;
    public Slide Slide;
}

/// <summary>A pool.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Pool
{
    public Operand X;
    public Result Y;
    public float Factor;
    public int CountPadding;
    public Slide Slide;
}

/// <summary>The mean of a whole map and the fully connected layer behind it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PooledParameters
{
    public Pool Pool;
    public PlainConv Connected;
}

/// <summary>An operation on each value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PointwiseParameters
{
    public Operand X, Y;
    public Result Z;
    public nint Factor, Shift;
    public float First, Second;
    public int Operation, Channels, PerImage, Gate;
    public ulong Count;
}

/// <summary>Channels moved.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChannelParameters
{
    public Operand X;
    public Result Y;
    public int Start, ToStart, Moved, Shuffle, Raw;
    private readonly int unused;
    public ulong Pixels;
}

/// <summary>Channels innermost to channels outermost.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlattenParameters
{
    public Operand X;
    public Result Y;
    public int C, HW, Raw;
    private readonly int unused;
    public ulong Count;
}
