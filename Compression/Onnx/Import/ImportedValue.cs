using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>What a tensor of a file is, as far as the import has come.</summary>
internal abstract record ImportedValue;

/// <summary>An array that does not depend on the images.</summary>
internal sealed record ConstantValue(HostArray Array, string Name) : ImportedValue
{
    /// <summary>How the file rounds the values, which Array has rounded; null where it does not.</summary>
    public QuantizationSteps? Steps { get; init; }

    /// <summary>The values before they were rounded, where the file has them.</summary>
    public HostArray? Unrounded { get; init; }

    /// <summary>What 32-bit integers of the file are worth, which float32 may be too short for; null for other arrays.</summary>
    public double[]? Exact { get; init; }
}

/// <summary>The levels of a constant: what QuantizeLinear made of floats.</summary>
internal sealed record ConstantLevels(ConstantValue Of, QuantizationSteps Steps) : ImportedValue;

/// <summary>The levels of a tensor of the graph.</summary>
internal sealed record ImageLevels(string Tensor, QuantizationSteps Steps) : ImportedValue;

/// <summary>Numbers that shapes are computed with; a vector, or one number without an axis.</summary>
internal sealed record ShapeValue(ShapeNumber[] Numbers, bool IsScalar) : ImportedValue;

/// <summary>A tensor that depends on the images: one of the graph, seen under a shape.</summary>
/// <param name="Tensor">The graph's tensor.</param>
/// <param name="Dims">The shape that the file gives it, without the batch.</param>
/// <param name="Shuffle">Groups of channels whose axes have been exchanged, [C/g, g, H, W] of [g, C/g, H, W]; 0 where none have.</param>
internal sealed record ImageValue(string Tensor, long[] Dims, int Shuffle = 0) : ImportedValue
{
    /// <summary>Zeros around the rows and columns of Tensor, top, left, bottom, right, which Dims count already; the next convolution takes them over.</summary>
    public (int Top, int Left, int Bottom, int Right) Zeros { get; init; }

    public bool IsPadded => Zeros != default;

    /// <summary>The node that last changed the shape and what it calls its output; null where none did.</summary>
    public (string Node, string Output)? View { get; init; }
}
