using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Packing;

/// <summary>Weights in the order in which a warp's registers take them: blocks of 64 output channels by 64 values of K.</summary>
/// <remarks>
/// K runs over the taps and, within one, over the input channels, so a block lies within one tap where the channels are a multiple of 64. Row h · 8 + g of row tile m of a block is output channel
/// 8g + 2m + h, so that each thread ends with 8 neighbouring channels. A dense block is 4 row tiles × 2 halves of K × 32 lanes × 16 bytes, the fragment A of mma.m16n8k32 for 8-bit integers. A 2:4
/// block is 4 row tiles × 32 lanes × 16 bytes of kept values, the fragment A of mma.sp.m16n8k64, then 32 lanes × 4 row tiles × 4 bytes of metadata: lane 4g + t tells row g + 8·(t mod 2), half t / 2
/// of K; of each four values two indices of two bits, ascending, the first group in the lowest bits. PTX ISA, "Matrix fragments for mma.m16n8k32" and "for sparse mma.m16n8k64".
/// </remarks>
public static class WeightBlocks
{
    /// <summary>Output channels, and values of K, of a block.</summary>
    public const int Side = 64;

    /// <summary>Bytes of a dense block.</summary>
    public const int DenseBytes = 4096;

    /// <summary>Bytes of a 2:4 block: values, then metadata.</summary>
    public const int TwoFourBytes = 2560;

    private const int MetadataStart = 2048;

    // Weights are moved four at a time, as words whose lowest byte is the first, by places within a block that are worked out once. A pair is the kept two of four.
    private static readonly (int Row, int Four)[] DenseFours = [.. Enumerable.Range(0, DenseBytes / 4).Select(i => DensePlace(i * 4)).Select(place => (place.Channel, place.K / 4))];
    private static readonly (int Row, int Four)[] KeptFours = [.. Enumerable.Range(0, MetadataStart / 2).Select(i => KeptPlace(i * 2)).Select(place => (place.Channel, place.Group))];
    private static readonly (int Word, int Shift)[] KeptBits = FindKeptBits();

    // The two kept places of four, ascending, by the places of weights that are not zero, the first in the lowest bit; places of zeros fill up where fewer are used. Three or more cannot be kept.
    private static readonly (int First, int Second)[] Kept =
    [
        (0, 1), (0, 3), (1, 3), (0, 1), (2, 3), (0, 2), (1, 2), (-1, -1),
        (2, 3), (0, 3), (1, 3), (-1, -1), (2, 3), (-1, -1), (-1, -1), (-1, -1),
    ];

    /// <summary>Channels with those that are added for whole blocks.</summary>
    public static int Padded(int channels) => (channels + Side - 1) / Side * Side;

    /// <summary>
    /// Weights for the kernel whose lanes read 16 neighbouring channels at once: lane t of four has channels 16t to 16t + 15, where a fragment gives it four of each quarter of K. So group 4i + t of
    /// four values within 64 is channel group 4t + i; groups stay whole, and 2:4 stays 2:4.
    /// </summary>
    /// <param name="levels">[channels, depth], depth a multiple of 64.</param>
    public static sbyte[] ForDirect(ReadOnlySpan<sbyte> levels)
    {
        var moved = new sbyte[levels.Length];
        var from = MemoryMarshal.Cast<sbyte, uint>(levels);
        var to = MemoryMarshal.Cast<sbyte, uint>(moved.AsSpan());
        for (var block = 0; block < to.Length; block += Side / 4)
        {
            for (var i = 0; i < 4; i++)
            {
                for (var t = 0; t < 4; t++)
                    to[block + i * 4 + t] = from[block + t * 4 + i];
            }
        }

        return moved;
    }

    /// <summary>
    /// Weights for the kernel of four warps, of which warp w has output channels 16w to 16w + 15 of a block: row tile w's row h · 8 + g is channel 16w + 2g + h. So these channels take the places that
    /// <see cref="Dense"/> and <see cref="TwoFour"/> give to 8g + 2w + h.
    /// </summary>
    /// <param name="levels">[channels, depth], channels a multiple of 64.</param>
    /// <param name="depth">Products of an output.</param>
    public static sbyte[] ForWarpgroup(ReadOnlySpan<sbyte> levels, int depth)
    {
        var moved = new sbyte[levels.Length];
        for (var row = 0; row < levels.Length / depth; row++)
        {
            var (block, g, tile, h) = (row / Side * Side, row % Side / 8, row % 8 / 2, row % 2);
            levels.Slice((block + tile * 16 + g * 2 + h) * depth, depth).CopyTo(moved.AsSpan(row * depth));
        }

        return moved;
    }

    /// <summary>Orders the metadata of packed 2:4 weights by row tiles, 32 lanes × 4 bytes each, so that each of four warps reads its own in a row.</summary>
    /// <param name="packed">What <see cref="TwoFour"/> gave; changed.</param>
    public static void GroupMetadata(Span<byte> packed)
    {
        Span<uint> words = stackalloc uint[(TwoFourBytes - MetadataStart) / 4];
        for (var at = MetadataStart; at < packed.Length; at += TwoFourBytes)
        {
            var metadata = MemoryMarshal.Cast<byte, uint>(packed.Slice(at, TwoFourBytes - MetadataStart));
            metadata.CopyTo(words);
            for (var i = 0; i < words.Length; i++)
                metadata[i % 4 * 32 + i / 4] = words[i];
        }
    }

    /// <summary>Packs all weights.</summary>
    /// <param name="levels">[channels, depth].</param>
    /// <param name="channels">Output channels, a multiple of 64.</param>
    /// <param name="depth">Products of an output, a multiple of 64.</param>
    /// <returns>Blocks of the first 64 channels along K, then those of the next.</returns>
    /// <exception cref="ArgumentException">A size is no multiple of 64.</exception>
    public static byte[] Dense(ReadOnlySpan<sbyte> levels, int channels, int depth)
    {
        Check(levels, channels, depth);
        var packed = new byte[channels * depth];
        var from = MemoryMarshal.Cast<sbyte, uint>(levels);
        var to = MemoryMarshal.Cast<byte, uint>(packed.AsSpan());
        var places = Places(DenseFours, depth);
        for (var block = 0; block < packed.Length / DenseBytes; block++)
        {
            var start = (Row(block, 0, depth) + Column(block, depth)) / 4;
            for (var i = 0; i < places.Length; i++)
                to[block * places.Length + i] = from[start + places[i]];
        }

        return packed;
    }

    /// <summary>Packs weights of which each four neighbours along K hold at most two that are not zero.</summary>
    /// <inheritdoc cref="Dense"/>
    /// <exception cref="ArgumentException">A size is no multiple of 64, or a group of four holds three weights or more.</exception>
    public static byte[] TwoFour(ReadOnlySpan<sbyte> levels, int channels, int depth)
    {
        Check(levels, channels, depth);
        var blocks = channels * depth / (Side * Side);
        var packed = new byte[blocks * TwoFourBytes];
        var fours = MemoryMarshal.Cast<sbyte, uint>(levels);
        var places = Places(KeptFours, depth);
        for (var block = 0; block < blocks; block++)
        {
            var to = packed.AsSpan(block * TwoFourBytes, TwoFourBytes);
            var pairs = MemoryMarshal.Cast<byte, ushort>(to[..MetadataStart]);
            var metadata = MemoryMarshal.Cast<byte, uint>(to[MetadataStart..]);
            var start = (Row(block, 0, depth) + Column(block, depth)) / 4;
            for (var i = 0; i < places.Length; i++)
            {
                var four = fours[start + places[i]];
                var (first, second) = Kept[Used(four)];
                if (first < 0)
                    throw Refusal(levels.Slice((start + places[i]) * 4, 4));
                pairs[i] = (ushort)((four >> 8 * first & 0xFF) | (four >> 8 * second & 0xFF) << 8);
                metadata[KeptBits[i].Word] |= (uint)(first | second << 2) << KeptBits[i].Shift;
            }
        }

        return packed;
    }

    /// <summary>The weights of <see cref="Dense"/>, [channels, depth].</summary>
    public static sbyte[] FromDense(ReadOnlySpan<byte> packed, int channels, int depth)
    {
        var levels = new sbyte[channels * depth];
        for (var i = 0; i < packed.Length; i++)
        {
            var (block, (row, k)) = (i / DenseBytes, DensePlace(i % DenseBytes));
            levels[Row(block, row, depth) + Column(block, depth) + k] = (sbyte)packed[i];
        }

        return levels;
    }

    /// <summary>The weights of <see cref="TwoFour"/>, [channels, depth], by their metadata.</summary>
    public static sbyte[] FromTwoFour(ReadOnlySpan<byte> packed, int channels, int depth)
    {
        var levels = new sbyte[channels * depth];
        for (var block = 0; block < packed.Length / TwoFourBytes; block++)
        {
            var from = packed.Slice(block * TwoFourBytes, TwoFourBytes);
            var words = new Dictionary<(int Row, int Half), uint>();
            for (var i = 0; i < 128; i++)
                words[MetadataPlace(i)] = BinaryPrimitives.ReadUInt32LittleEndian(from[(MetadataStart + i * 4)..]);
            for (var i = 0; i < MetadataStart; i++)
            {
                var (row, group, which) = KeptPlace(i);
                var index = words[(row, group / 8)] >> (group % 8 * 4 + which * 2) & 3;
                levels[Row(block, row, depth) + Column(block, depth) + group * 4 + (int)index] = (sbyte)from[i];
            }
        }

        return levels;
    }

    // Which of four weights are not zero, the first in the lowest bit.
    private static int Used(uint four) =>
        ((four & 0xFF) != 0 ? 1 : 0) | ((four & 0xFF00) != 0 ? 2 : 0) | ((four & 0xFF0000) != 0 ? 4 : 0) | (four > 0xFFFFFF ? 8 : 0);

    private static ArgumentException Refusal(ReadOnlySpan<sbyte> four) =>
        new($"The weights {string.Join(", ", four.ToArray())} are three or more of four; 2:4 kernels keep two. Prune the layer, or pack it dense.", nameof(four));

    // Where the fours of a block lie, counted from its first, in weights of that depth.
    private static int[] Places((int Row, int Four)[] fours, int depth) => Array.ConvertAll(fours, place => place.Row * (depth / 4) + place.Four);

    // Byte i of a dense block: lane 4g + t holds in register r bytes 4t to 4t + 3 of row g + 8·(r mod 2), half r / 2 of the tile's 32 values of K.
    private static (int Channel, int K) DensePlace(int i)
    {
        var (tile, half, lane, register, offset) = (i / 1024, i / 512 % 2, i / 16 % 32, i / 4 % 4, i % 4);
        return (Channel(tile, lane / 4, register % 2), half * 32 + register / 2 * 16 + lane % 4 * 4 + offset);
    }

    // The same of kept values: two of each group of four.
    private static (int Channel, int Group, int Which) KeptPlace(int i)
    {
        var (tile, lane, register, offset) = (i / 512, i / 16 % 32, i / 4 % 4, i % 4);
        var kept = register / 2 * 16 + lane % 4 * 4 + offset;
        return (Channel(tile, lane / 4, register % 2), kept / 2, kept % 2);
    }

    private static (int Channel, int Half) MetadataPlace(int word)
    {
        var (lane, tile) = (word / 4, word % 4);
        return (Channel(tile, lane / 4, lane % 2), lane % 4 / 2);
    }

    // The word of metadata that tells a pair's two indices, and at which bit they begin.
    private static (int Word, int Shift)[] FindKeptBits()
    {
        var words = Enumerable.Range(0, (TwoFourBytes - MetadataStart) / 4).ToDictionary(MetadataPlace);
        return Array.ConvertAll(KeptFours, place => (words[(place.Row, place.Four / 8)], place.Four % 8 * 4));
    }

    private static int Channel(int tile, int g, int h) => g * 8 + tile * 2 + h;

    private static int Row(int block, int row, int depth) => (block / (depth / Side) * Side + row) * depth;

    private static int Column(int block, int depth) => block % (depth / Side) * Side;

    private static void Check(ReadOnlySpan<sbyte> levels, int channels, int depth)
    {
        if (channels % Side != 0 || depth % Side != 0 || levels.Length != channels * depth)
            throw new ArgumentException($"{levels.Length} weights of {channels} channels with {depth} products each cannot be packed: both are multiples of {Side}.");
    }
}
