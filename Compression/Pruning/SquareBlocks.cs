namespace SparseGrid.Compression.Pruning;

/// <summary>Masks a weight in blocks of 4 rows by 4 input channels, many blocks at once.</summary>
internal static class SquareBlocks
{
    /// <summary>Blocks that a rule decides at once.</summary>
    public const int Lanes = MagnitudeRanks.Lanes;

    /// <summary>Decides which of 16 stay, for each block.</summary>
    /// <param name="magnitudes">Element e (row e / 4, channel e % 4) of the block in lane b stands at e·Lanes + b.</param>
    /// <param name="kept">For each block the elements that stay: bit e for element e.</param>
    public delegate void Rule(ReadOnlySpan<float> magnitudes, Span<int> kept);

    /// <summary>The mask: what the rule keeps of each full block; rows and channels after the last full one stay.</summary>
    public static byte[] Mask(ReadOnlySpan<float> weight, WeightLayout layout, Rule rule)
    {
        layout.RequireFinite(weight);
        var (across, blocks) = (layout.Channels / 4, layout.Rows / 4 * (layout.Channels / 4));
        var mask = new byte[weight.Length];
        mask.AsSpan().Fill(1);

        Span<float> magnitudes = stackalloc float[16 * Lanes];
        Span<int> kept = stackalloc int[Lanes];
        Span<int> first = stackalloc int[4 * Lanes];          // where the first channel of each of a block's rows lies
        for (var done = 0; done < blocks; done += Lanes)
        {
            var count = Math.Min(Lanes, blocks - done);
            for (var lane = 0; lane < count; lane++)
            {
                var (down, right) = Math.DivRem(done + lane, across);
                for (var row = 0; row < 4; row++)
                {
                    var at = first[row * Lanes + lane] = layout.Row(4 * down + row) + 4 * right * layout.Plane;
                    for (var channel = 0; channel < 4; channel++)
                        magnitudes[(4 * row + channel) * Lanes + lane] = MathF.Abs(weight[at + channel * layout.Plane]);
                }
            }

            rule(magnitudes, kept);
            for (var lane = 0; lane < count; lane++)
            {
                for (var element = 0; element < 16; element++)
                    mask[first[element / 4 * Lanes + lane] + element % 4 * layout.Plane] = (byte)((kept[lane] >> element) & 1);
            }
        }

        return mask;
    }
}
