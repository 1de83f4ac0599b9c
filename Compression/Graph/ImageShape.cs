namespace SparseGrid.Compression.Graph;

/// <summary>Shape of one image or feature map, without the batch: channels, rows, columns. A vector of F features is F, 1, 1.</summary>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values of one image.</summary>
    public int Count => Channels * Height * Width;

    /// <inheritdoc/>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}
