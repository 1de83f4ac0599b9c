namespace SparseGrid.Compression.CudaInt8.Packing;

/// <summary>Weights with zeros for channels that a layer does not have, so that kernels which take 64 channels at a time, or whole vectors, compute it too.</summary>
/// <remarks>A zero weight adds nothing to an exact sum, whatever level it meets, and what the added output channels would hold is never stored: the bits of the others stay.</remarks>
internal static class PaddedWeights
{
    /// <summary>Weights [channels, taps, depth] with channels and depth padded to multiples of <see cref="WeightBlocks.Side"/>; the same array where they are such.</summary>
    /// <param name="channels">Output channels.</param>
    /// <param name="taps">Of the window.</param>
    /// <param name="depth">Input channels.</param>
    public static sbyte[] Of(sbyte[] levels, int channels, int taps, int depth)
    {
        var (rows, width) = (WeightBlocks.Padded(channels), WeightBlocks.Padded(depth));
        if (rows == channels && width == depth)
            return levels;
        var padded = new sbyte[rows * taps * width];
        for (var run = 0; run < channels * taps; run++)
            levels.AsSpan(run * depth, depth).CopyTo(padded.AsSpan(run * width));
        return padded;
    }

    /// <summary>Weights [rows, depth] with rows of <paramref name="stride"/>; the same array where they are such.</summary>
    public static sbyte[] Rows(sbyte[] levels, int depth, int stride)
    {
        if (depth == stride)
            return levels;
        var padded = new sbyte[levels.Length / depth * stride];
        for (var row = 0; row < levels.Length / depth; row++)
            levels.AsSpan(row * depth, depth).CopyTo(padded.AsSpan(row * stride));
        return padded;
    }

    /// <summary>Weights [channels, taps] of a depthwise convolution as [taps, stride].</summary>
    public static sbyte[] ChannelsInnermost(sbyte[] levels, int channels, int stride)
    {
        var taps = levels.Length / channels;
        var moved = new sbyte[taps * stride];
        for (var i = 0; i < levels.Length; i++)
            moved[i % taps * stride + i / taps] = levels[i];
        return moved;
    }

    /// <summary>One value for each output channel, padded likewise.</summary>
    public static float[] Of(float[] values)
    {
        if (values.Length == WeightBlocks.Padded(values.Length))
            return values;
        var padded = new float[WeightBlocks.Padded(values.Length)];
        values.CopyTo(padded, 0);
        return padded;
    }
}
