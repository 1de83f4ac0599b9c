using System.Buffers.Binary;
using SparseGrid.Compression.CudaInt8.Packing;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class WeightBlocksTests
{
    [Theory]
    [InlineData(64, 64)]
    [InlineData(64, 576)]
    [InlineData(128, 192)]
    [InlineData(192, 128)]
    public void Packed_weights_unpack_to_themselves(int channels, int depth)
    {
        var levels = TwoOfFour(channels * depth, seed: channels + depth);
        Assert.Equal(levels, WeightBlocks.FromDense(WeightBlocks.Dense(levels, channels, depth), channels, depth));
        var sparse = WeightBlocks.TwoFour(levels, channels, depth);
        Assert.Equal(channels * depth / 4096 * 2560, sparse.Length);
        Assert.Equal(levels, WeightBlocks.FromTwoFour(sparse, channels, depth));
    }

    [Theory]
    [InlineData(64, 192)]
    [InlineData(128, 128)]
    [InlineData(192, 64)]
    public void Every_weight_lies_where_the_fragments_and_their_metadata_have_it(int channels, int depth)
    {
        // Channel 8g + 2m + h is row h * 8 + g of row tile m. Of 32 values along K, kept or all, 16s + 4t + o is byte o of register 2s + h of lane 4g + t.
        var levels = TwoOfFour(channels * depth, seed: channels);
        var (dense, sparse) = (new byte[channels * depth], new byte[channels * depth / 4096 * 2560]);
        for (var at = 0; at < levels.Length; at++)
        {
            var (channel, k) = (at / depth, at % depth);
            var block = channel / 64 * (depth / 64) + k / 64;
            dense[block * 4096 + channel % 8 / 2 * 1024 + k % 64 / 32 * 512 + Byte(channel, k % 32)] = (byte)levels[at];
            if (at % 4 > 0)
                continue;

            var used = Enumerable.Range(0, 4).Where(q => levels[at + q] != 0).ToArray();
            int[] kept = used switch { [] => [0, 1], [3] => [2, 3], [var one] => [one, 3], _ => used };
            var (group, lane) = (k % 64 / 4, channel % 64 / 8 * 4 + k % 64 / 32 * 2 + channel % 2);
            for (var which = 0; which < 2; which++)
                sparse[block * 2560 + channel % 8 / 2 * 512 + Byte(channel, group * 2 + which)] = (byte)levels[at + kept[which]];
            sparse[block * 2560 + 2048 + (lane * 4 + channel % 8 / 2) * 4 + group % 8 / 2] |= (byte)((kept[0] | kept[1] << 2) << group % 2 * 4);
        }

        Assert.Equal(dense, WeightBlocks.Dense(levels, channels, depth));
        Assert.Equal(sparse, WeightBlocks.TwoFour(levels, channels, depth));

        static int Byte(int channel, int k) => (channel % 64 / 8 * 4 + k % 16 / 4) * 16 + (k / 16 * 2 + channel % 2) * 4 + k % 4;
    }

    [Fact]
    public void Dense_fragments_lie_as_the_instruction_takes_them()
    {
        // Row g of the fragment is register 0 and 2, row g + 8 register 1 and 3; K 4t to 4t + 3 in registers 0 and 1, 16 more in 2 and 3; here K counts up along channel 0.
        var levels = new sbyte[64 * 64];
        for (var k = 0; k < 64; k++)
            levels[k] = (sbyte)(k + 1);
        var packed = WeightBlocks.Dense(levels, 64, 64);
        Assert.Equal([1, 2, 3, 4, 0, 0, 0, 0, 17, 18, 19, 20, 0, 0, 0, 0], packed[..16]);        // lane 0: g 0, t 0
        Assert.Equal([5, 6, 7, 8], packed[16..20]);                                                // lane 1: t 1
        Assert.Equal([33, 34, 35, 36], packed[512..516]);                                          // the second half of K
    }

    [Fact]
    public void Neighbouring_channels_end_in_one_thread()
    {
        // Channel 8g + 2m + h is row h * 8 + g of row tile m.
        for (var channel = 0; channel < 64; channel++)
        {
            var levels = new sbyte[64 * 64];
            levels[channel * 64] = 7;
            var at = Array.IndexOf(WeightBlocks.Dense(levels, 64, 64), (byte)7);
            Assert.Equal((channel % 8 / 2, channel / 8 * 4, channel % 2), (at / 1024, at / 16 % 32, at / 4 % 4));
        }
    }

    [Fact]
    public void Metadata_name_the_kept_places_ascending_from_the_lowest_bits()
    {
        var levels = new sbyte[64 * 64];
        sbyte[][] groups = [[0, 5, 0, 6], [1, 2, 0, 0], [0, 0, 3, 4], [9, 0, 0, 8], [0, 0, 0, 7], [7, 0, 0, 0], [0, 0, 0, 0], [0, 0, 7, 0]];
        foreach (var (i, group) in groups.Index())
            group.CopyTo(levels, i * 4);
        var packed = WeightBlocks.TwoFour(levels, 64, 64);

        (int First, int Second)[] places = [(1, 3), (0, 1), (2, 3), (0, 3), (2, 3), (0, 3), (0, 1), (2, 3)];
        var word = places.Select((place, i) => (uint)(place.First | place.Second << 2) << 4 * i).Aggregate(0u, (sum, bits) => sum | bits);
        Assert.Equal(word, BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(2048)));           // lane 0: row 0, first half of K
        Assert.Equal([5, 6, 1, 2, 0, 0, 0, 0], packed[..8]);
        Assert.Equal([3, 4, 9, 8], packed[16..20]);                                                 // lane 1: the next two groups
        Assert.Equal([0, 7, 7, 0], packed[32..36]);
    }

    [Fact]
    public void Every_metadata_word_belongs_to_another_row_and_half()
    {
        var seen = new HashSet<string>();
        for (var word = 0; word < 128; word++)
        {
            // A group that keeps places 2 and 3 shows which row and half its word is of.
            for (var row = 0; row < 64; row++)
            {
                for (var half = 0; half < 2; half++)
                {
                    var levels = new sbyte[64 * 64];
                    levels[row * 64 + half * 32 + 3] = 1;
                    if (BinaryPrimitives.ReadUInt32LittleEndian(WeightBlocks.TwoFour(levels, 64, 64).AsSpan(2048 + word * 4)) != 0x44444444)
                        Assert.True(seen.Add($"{row} {half}"), $"row {row}, half {half} changes two words");
                }
            }

            if (word == 3)
                break;                                                                              // four words suffice: the others differ by g alone
        }

        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void Three_weights_of_four_are_refused()
    {
        var levels = new sbyte[64 * 64];
        (levels[4], levels[5], levels[7]) = (1, 2, 3);
        Assert.Contains("1, 2, 0, 3", Assert.Throws<ArgumentException>(() => WeightBlocks.TwoFour(levels, 64, 64)).Message);
        foreach (var four in (sbyte[][])[[-1, 2, -3, 0], [0, 5, -6, 7], [8, 0, 9, -10], [-11, 12, 13, -14]])
        {
            levels = new sbyte[128 * 192];
            four.CopyTo(levels, levels.Length - 4);
            Assert.Contains($"weights {string.Join(", ", four)} are three or more", Assert.Throws<ArgumentException>(() => WeightBlocks.TwoFour(levels, 128, 192)).Message);
        }
    }

    [Fact]
    public void Sizes_that_are_no_multiple_of_64_are_refused() =>
        Assert.Contains("96", Assert.Throws<ArgumentException>(() => WeightBlocks.Dense(new sbyte[96 * 64], 96, 64)).Message);

    [Fact]
    public void Lanes_that_read_sixteen_neighbouring_channels_meet_the_weights_of_these()
    {
        // The instruction gives lane t of four the values 16i + 4t to 16i + 4t + 3 of K in register i; the lane has read channels 16t to 16t + 15, so these must be the weights of 16t + 4i on.
        var levels = new sbyte[128];
        for (var k = 0; k < levels.Length; k++)
            levels[k] = (sbyte)k;
        var moved = WeightBlocks.ForDirect(levels);
        for (var block = 0; block < 128; block += 64)
        {
            for (var t = 0; t < 4; t++)
            {
                for (var register = 0; register < 4; register++)
                    Assert.Equal(levels.AsSpan(block + 16 * t + 4 * register, 4), moved.AsSpan(block + 16 * register + 4 * t, 4));
            }
        }

        // Groups of four move whole, so what is 2:4 stays so; twice moved is as it was.
        Assert.Equal(levels, WeightBlocks.ForDirect(moved));
        _ = WeightBlocks.TwoFour(WeightBlocks.ForDirect(TwoOfFour(64 * 192, seed: 2)), 64, 192);
    }

    [Theory]
    [InlineData(64, 128)]
    [InlineData(128, 64)]
    public void Each_of_four_warps_has_sixteen_neighbouring_channels_and_their_metadata_in_a_row(int channels, int depth)
    {
        // Channel 16w + 2g + h is row h * 8 + g of row tile w, which otherwise channel 8g + 2w + h is.
        var levels = TwoOfFour(channels * depth, seed: depth);
        var moved = new sbyte[levels.Length];
        for (var channel = 0; channel < channels; channel++)
        {
            var (block, w, g, h) = (channel / 64 * 64, channel % 64 / 16, channel % 16 / 2, channel % 2);
            levels.AsSpan(channel * depth, depth).CopyTo(moved.AsSpan((block + 8 * g + 2 * w + h) * depth));
        }

        Assert.Equal(moved, WeightBlocks.ForWarpgroup(levels, depth));

        var packed = WeightBlocks.TwoFour(levels, channels, depth);
        var grouped = packed.ToArray();
        WeightBlocks.GroupMetadata(grouped);
        for (var block = 0; block < packed.Length; block += 2560)
        {
            Assert.Equal(packed[block..(block + 2048)], grouped[block..(block + 2048)]);
            for (var lane = 0; lane < 32; lane++)
            {
                for (var tile = 0; tile < 4; tile++)
                    Assert.Equal(packed.AsSpan(block + 2048 + lane * 16 + tile * 4, 4), grouped.AsSpan(block + 2048 + tile * 128 + lane * 4, 4));
            }
        }
    }

    [Fact]
    public void An_image_kernels_weights_have_zeros_for_the_taps_channels_and_outputs_that_a_layer_lacks()
    {
        var random = new Random(3);
        var levels = new sbyte[70 * 3 * 5 * 2];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = (sbyte)random.Next(1, 128);
        var packed = ImageWeights.Pack(levels, 70, 3, 5, 2);
        Assert.Equal(2 * 3 * 4 * 512, packed.Length);
        Assert.Equal(levels.Order(), packed.Where(value => value != 0).Select(value => (sbyte)value).Order());
        // Output 64 is row 0 of the second block; its second row of taps begins with those of lane 0, whose register 0 holds a pixel's channels.
        Assert.Equal([(byte)levels[(64 * 3 + 1) * 10], (byte)levels[(64 * 3 + 1) * 10 + 1], 0, 0], packed[(3 * 2048 + 2048)..][..4]);
        Assert.Contains("70 x 3 x 9 x 2", Assert.Throws<ArgumentException>(() => ImageWeights.Pack(levels, 70, 3, 9, 2)).Message);
    }

    [Fact]
    public void The_stem_has_zeros_in_its_eighth_tap_and_fourth_channel()
    {
        var random = new Random(3);
        var levels = new sbyte[64 * 7 * 7 * 3];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = (sbyte)random.Next(1, 128);
        var packed = ImageWeights.Pack(levels, 64, 7, 7, 3);
        Assert.Equal(7 * 4 * 512, packed.Length);
        Assert.Equal(levels.Length, packed.Count(value => value != 0));
        Assert.Equal(levels.Order(), packed.Where(value => value != 0).Select(value => (sbyte)value).Order());
        // Channel 0, row of taps 0: taps 0 and 4 of lanes 0, registers 0 and 2.
        Assert.Equal([(byte)levels[0], (byte)levels[1], (byte)levels[2], 0], packed[..4]);
        Assert.Equal([(byte)levels[12], (byte)levels[13], (byte)levels[14], 0], packed[8..12]);
    }

    private static sbyte[] TwoOfFour(int count, int seed)
    {
        var random = new Random(seed);
        var levels = new sbyte[count];
        for (var i = 0; i < count; i += 4)
        {
            for (var kept = random.Next(0, 3); kept > 0; kept--)
                levels[i + random.Next(0, 4)] = (sbyte)random.Next(-127, 128);
        }

        return levels;
    }
}
