using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Scale and type of a QuantizeLinear or DequantizeLinear.</summary>
/// <param name="Scales">Units per level: one, or one for each index along the axis.</param>
/// <param name="Axis">The axis of the scales; 0 where there is one.</param>
/// <param name="Type">I8, U8, or I64 for a file's 32-bit integers.</param>
/// <param name="Offset">The level of zero: 0, or 128 of unsigned levels that stand for −128…127.</param>
internal sealed record QuantizationSteps(float[] Scales, int Axis, ElementType Type, int Offset)
{
    public bool Signed => Type != ElementType.U8 || Offset != 0;

    public int MinLevel => Signed ? -128 : 0;

    public int MaxLevel => Signed ? 127 : 255;

    public bool Same(QuantizationSteps other) =>
        (Type, Offset) == (other.Type, other.Offset) && Scales.AsSpan().SequenceEqual(other.Scales) && (Scales.Length == 1 || Axis == other.Axis);

    /// <summary>How many consecutive values of an array, row-major, share a scale: run i has scale i, and after the last the first again.</summary>
    public int RunLength(HostArray array)
    {
        var length = 1L;
        foreach (var size in array.Shape.AsSpan()[(Scales.Length == 1 ? 0 : Axis + 1)..])
            length *= size;
        return checked((int)Math.Max(1, length));
    }

    /// <summary>The scale of the run that begins at a place.</summary>
    public float ScaleAt(int start, int runLength) => Scales[start / runLength % Scales.Length];

    /// <summary>The amax whose scale is exactly this one: scale · largest level, or a neighbour of it.</summary>
    /// <remarks>amax / level rounds two neighbouring amax to one scale in about 1 of 128 cases (level 127; 256 for 255); then either serves.</remarks>
    public static float Amax(float scale, int maxLevel)
    {
        var near = scale * maxLevel;
        return near / maxLevel == scale ? near
            : MathF.BitIncrement(near) / maxLevel == scale ? MathF.BitIncrement(near)
            : MathF.BitDecrement(near) / maxLevel == scale ? MathF.BitDecrement(near)
            : near;
    }
}
