using System.Buffers.Binary;

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
        for (var at = 0; at < levels.Length; at += 4)
        {
            var (block, group) = (at / Side * Side, at % Side / 4);
            levels.Slice(block + (group % 4 * 4 + group / 4) * 4, 4).CopyTo(moved.AsSpan(at));
        }

        return moved;
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
        for (var block = 0; block < packed.Length / DenseBytes; block++)
        {
            for (var i = 0; i < DenseBytes; i++)
            {
                var (row, k) = DensePlace(i);
                packed[block * DenseBytes + i] = (byte)levels[Row(block, row, depth) + Column(block, depth) + k];
            }
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
        for (var block = 0; block < blocks; block++)
        {
            var to = packed.AsSpan(block * TwoFourBytes, TwoFourBytes);
            for (var i = 0; i < MetadataStart; i++)
            {
                var (row, group, which) = KeptPlace(i);
                var at = Row(block, row, depth) + Column(block, depth) + group * 4;
                var (first, second) = Kept(levels.Slice(at, 4));
                to[i] = (byte)levels[at + (which == 0 ? first : second)];
            }

            for (var i = 0; i < 128; i++)
            {
                var (row, half) = MetadataPlace(i);
                var word = 0u;
                for (var q = 0; q < 8; q++)
                {
                    var (first, second) = Kept(levels.Slice(Row(block, row, depth) + Column(block, depth) + (half * 8 + q) * 4, 4));
                    word |= (uint)(first | second << 2) << 4 * q;
                }

                BinaryPrimitives.WriteUInt32LittleEndian(to[(MetadataStart + i * 4)..], word);
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

    // The two kept places of four, ascending; places of zeros fill up where fewer are used.
    private static (int First, int Second) Kept(ReadOnlySpan<sbyte> four)
    {
        var (first, second) = (-1, -1);
        for (var q = 0; q < 4; q++)
        {
            if (four[q] == 0)
                continue;
            if (second >= 0)
                throw new ArgumentException($"The weights {string.Join(", ", four.ToArray())} are three or more of four; 2:4 kernels keep two. Prune the layer, or pack it dense.", nameof(four));
            (first, second) = first < 0 ? (q, -1) : (first, q);
        }

        return (first, second) switch
        {
            (-1, _) => (0, 1),
            (3, -1) => (2, 3),
            (_, -1) => (first, 3),
            _ => (first, second),
        };
    }

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

    private static int Channel(int tile, int g, int h) => g * 8 + tile * 2 + h;

    private static int Row(int block, int row, int depth) => (block / (depth / Side) * Side + row) * depth;

    private static int Column(int block, int depth) => block % (depth / Side) * Side;

    private static void Check(ReadOnlySpan<sbyte> levels, int channels, int depth)
    {
        if (channels % Side != 0 || depth % Side != 0 || levels.Length != channels * depth)
            throw new ArgumentException($"{levels.Length} weights of {channels} channels with {depth} products each cannot be packed: both are multiples of {Side}.");
    }
}
