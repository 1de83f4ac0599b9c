namespace SparseGrid.Compression.CudaInt8.Packing;

/// <summary>Weights of a convolution of up to four channels for the kernels that read a pixel as four bytes: [blocks of 64 channels][rows of taps][4 row tiles][32 lanes][16 bytes].</summary>
/// <remarks>K is a row of eight taps of four channels; taps and channels that the layer does not have are zero. Rows of a tile and lanes are as in <see cref="WeightBlocks"/>.</remarks>
public static class ImageWeights
{
    /// <summary>Channels, and taps of a row, that these kernels take at most.</summary>
    public const int MostChannels = 4, MostColumns = 8;

    private const int RowBytes = 2048;

    /// <summary>Packs all weights.</summary>
    /// <param name="levels">[outputs, rows, columns, channels].</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="rows">Rows of taps.</param>
    /// <param name="columns">Taps of a row, at most <see cref="MostColumns"/>.</param>
    /// <param name="channels">Input channels, at most <see cref="MostChannels"/>.</param>
    /// <exception cref="ArgumentException">The sizes are not those of the weights, or are more than the kernels take.</exception>
    public static byte[] Pack(ReadOnlySpan<sbyte> levels, int outputs, int rows, int columns, int channels)
    {
        if (columns > MostColumns || channels > MostChannels || levels.Length != (long)outputs * rows * columns * channels)
            throw new ArgumentException(
                $"{levels.Length} weights of {outputs} x {rows} x {columns} x {channels} were given; these kernels take up to {MostColumns} taps a row of up to {MostChannels} channels.", nameof(levels));

        var packed = new byte[WeightBlocks.Padded(outputs) / WeightBlocks.Side * rows * RowBytes];
        for (var i = 0; i < packed.Length; i++)
        {
            var (block, row, tile, lane, register, offset) = (i / (rows * RowBytes), i / RowBytes % rows, i / 512 % 4, i / 16 % 32, i / 4 % 4, i % 4);
            var k = register / 2 * 16 + lane % 4 * 4 + offset;
            var (output, column, channel) = (block * WeightBlocks.Side + lane / 4 * 8 + tile * 2 + register % 2, k / MostChannels, k % MostChannels);
            if (output < outputs && column < columns && channel < channels)
                packed[i] = (byte)levels[((output * rows + row) * columns + column) * channels + channel];
        }

        return packed;
    }
}
