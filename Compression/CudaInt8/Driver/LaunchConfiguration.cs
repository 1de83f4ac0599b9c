using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>CUlaunchConfig.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchConfiguration
{
    public uint GridX, GridY, GridZ, BlockX, BlockY, BlockZ, SharedBytes;
    public nint Stream;
    public LaunchAttribute* Attributes;
    public uint AttributeCount;
}

/// <summary>CUlaunchAttribute: a number that says which, and a union of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 72)]
internal struct LaunchAttribute
{
    /// <summary>Its number for programmatic stream serialization, whose value is a 32-bit flag.</summary>
    public const int ProgrammaticStreamSerialization = 6;

    /// <summary>Its number for the blocks of a cluster, whose value is three counts.</summary>
    public const int ClusterDimension = 4;

    public int Id;
    private readonly int padding;
    public int Value;
    public int Y;
    public int Z;
}
