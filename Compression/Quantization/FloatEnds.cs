namespace SparseGrid.Compression.Quantization;

/// <summary>Which ends of a network stay in float; they have few weights and lose most by quantization.</summary>
public enum FloatEnds
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>The first convolution or fully connected layer.</summary>
    First,

    /// <summary>The last one.</summary>
    Last,

    /// <summary>The first and the last one.</summary>
    Both,
}
