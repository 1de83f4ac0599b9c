namespace SparseGrid.Compression.CudaInt8.Packing;

/// <summary>Weights of a 7x7 convolution of three channels to 64 in the order of the fused stem: [7 rows][4 row tiles][32 lanes][16 bytes].</summary>
/// <remarks>K is a row of 8 taps of 4 channels; the eighth tap and the fourth channel are zero. Rows of a tile and lanes are as in <see cref="WeightBlocks"/>.</remarks>
public static class StemWeights
{
    /// <summary>Packs all weights.</summary>
    /// <param name="levels">[64, 7, 7, 3].</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public static byte[] Pack(ReadOnlySpan<sbyte> levels)
    {
        if (levels.Length != 64 * 7 * 7 * 3)
            throw new ArgumentException($"{levels.Length} weights were given; the fused stem has 64 x 7 x 7 x 3.", nameof(levels));

        var packed = new byte[7 * 4 * 512];
        for (var i = 0; i < packed.Length; i++)
        {
            var (row, tile, lane, register, offset) = (i / 2048, i / 512 % 4, i / 16 % 32, i / 4 % 4, i % 4);
            var k = register / 2 * 16 + lane % 4 * 4 + offset;
            var (column, channel) = (k / 4, k % 4);
            if (column < 7 && channel < 3)
                packed[i] = (byte)levels[(((lane / 4 * 8 + tile * 2 + register % 2) * 7 + row) * 7 + column) * 3 + channel];
        }

        return packed;
    }
}
