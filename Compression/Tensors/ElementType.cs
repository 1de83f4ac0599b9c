namespace SparseGrid.Compression.Tensors;

/// <summary>Element types of stored arrays, named as safetensors names them; little-endian.</summary>
public enum ElementType
{
    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>16-bit float.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>8-bit signed integer.</summary>
    I8,

    /// <summary>8-bit unsigned integer; also masks (1 keeps).</summary>
    U8,
}
