using System.Collections.Immutable;

namespace SparseGrid.Grains.Results;

/// <summary>All flipped images of a variant: those it lost, then those it gained, then those that both get wrong; by index within each.</summary>
/// <param name="Channels">Channels of a picture.</param>
/// <param name="Height">Its pixels from top to bottom.</param>
/// <param name="Width">Its pixels from left to right.</param>
/// <param name="Pixels">Pictures of the first <see cref="Pictures"/> images, [m, C, H, W] row-major, 0 to 255.</param>
public sealed record FlippedImages(ImmutableArray<FlippedImage> Images, int Channels, int Height, int Width, ImmutableArray<byte> Pixels)
{
    /// <summary>How many of the images have a picture.</summary>
    public int Pictures => Pixels.Length / Math.Max(1, Channels * Height * Width);

    /// <summary>The picture of one of the first images, [C, H, W].</summary>
    public ReadOnlySpan<byte> Picture(int position) => Pixels.AsSpan(position * Channels * Height * Width, Channels * Height * Width);
}
