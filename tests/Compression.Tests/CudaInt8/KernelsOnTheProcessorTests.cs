using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The kernels' own sources, run thread by thread on the processor, beside the reference: what a GPU would add is its instructions alone.</summary>
public sealed class KernelsOnTheProcessorTests
{
    private const int Multiprocessors = 3, SharedBytes = 227 << 10, Guard = 256;

    private static readonly LayerShape[] Shapes =
    [
        new(64, 64, 8, 7, 3, 1, true, true), new(128, 64, 5, 9, 3, 1, false, false), new(20, 36, 6, 6, 3, 1, true, true), new(64, 128, 3, 7, 3, 1, true, true),
        new(64, 128, 9, 7, 3, 2, true, true), new(192, 64, 6, 5, 1, 1, true, false), new(48, 24, 8, 9, 3, 2, true, false), new(16, 16, 9, 9, 5, 1, false, true),
        new(64, 128, 12, 11, 3, 1, true, true), new(320, 128, 5, 7, 3, 1, false, true),
        new(192, 128, 7, 9, 1, 1, true, true), new(100, 120, 7, 9, 1, 2, false, false), new(256, 100, 5, 9, 1, 1, true, false), new(512, 250, 17, 9, 1, 2, true, true),
    ];

    public static TheoryData<string, bool> Tiles()
    {
        string[] tiles = ["implicit 64x32/16+8", "halo 64x32/16+2", "halo 128x32/16+6", "stream 64x112/56+1", "direct 64x32/8+8", "direct 64x16/8+5/2", "direct 64x16/16+5/8", "direct 64x24/24+3/3", "direct 64x56/56+2/4", "warpgroup 64x64/64+9", "warpgroup 64x256/128+3",
            "warpgroup 128x128/128+3", "warpgroup 128x256/256+9", "pointwise 64x64/64+1",
            "pointwise 128x64/64+1", "pointwise 128x64/64+2"];
        return [.. tiles.SelectMany(tile => (bool[])[false, true], (tile, twoFour) => new TheoryDataRow<string, bool>(tile, twoFour))];
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public void A_tile_gives_the_references_bits_for_every_shape_and_split(string name, bool twoFour)
    {
        var tile = Tile.All.First(tile => tile.ToString() == name);
        using var kernel = new ProcessorKernel(tile.Source(twoFour));
        var ran = 0;
        foreach (var shape in Shapes)
        {
            var plan = LayerPlan.Of(shape, batch: 2, seed: 17);
            var conv = plan.Steps.OfType<ConvStep>().Last();
            if (!tile.Fits(conv.Geometry, plan.Batch, SharedBytes))
                continue;
            foreach (var splits in tile.Splits(conv.Geometry, plan.Batch))
            {
                using var memory = new Memory(plan, conv, TiledConvolution.Packed(conv, twoFour, tile.Order), tile.PartialBytes(conv.Geometry, plan.Batch, splits), tile.Blocks(conv.Geometry, plan.Batch));
                kernel.Run(
                    memory.Parameters(tile, splits),
                    (WeightBlocks.Padded(shape.K) / tile.BM, (int)tile.Grid(conv.Geometry, plan.Batch, twoFour, Multiprocessors, SharedBytes), splits),
                    tile.Threads, tile.SharedBytes(conv.Geometry, plan.Batch, splits, twoFour), tile.Kind == TileKind.Direct ? splits : 1);
                memory.Check($"{shape} in {splits}");
                ran++;
            }
        }

        Assert.True(ran > 0, $"{name} ran {ran} times");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_kernel_for_images_gives_the_references_bits(int tiles)
    {
        using var kernel = new ProcessorKernel(ImageConvolution.Source(tiles));
        foreach (var shape in (LayerShape[])[new(3, 24, 11, 13, 5, 2, false, true), new(1, 64, 9, 9, 3, 1, false, false), new(3, 80, 20, 17, 7, 2, false, true), new(4, 16, 6, 6, 1, 1, false, true)])
        {
            var plan = LayerPlan.Of(shape, batch: 2, seed: 5);
            var conv = plan.Steps.OfType<ConvStep>().Last();
            Assert.True(ImageConvolution.Fits(conv, plan.Tensors[conv.To], plan.Batch));
            using var memory = new Memory(plan, conv, ImageWeights.Pack(conv.Weights.Levels, shape.K, shape.Kernel, shape.Kernel, shape.C), 0, 0);
            var pixels = plan.Batch * conv.Geometry.Output.Height * conv.Geometry.Output.Width;
            kernel.Run(memory.Parameters(null, 1), (WeightBlocks.Padded(shape.K) / 64, (pixels + 32 * tiles - 1) / (32 * tiles), 1), 128, 0, 1);
            memory.Check($"{shape}");
        }
    }

    /// <summary>The buffers of one convolution, laid out as on a GPU and filled with what the reference has.</summary>
    private sealed unsafe class Memory : IDisposable
    {
        private readonly ExecutionPlan plan;
        private readonly ConvStep conv;
        private readonly Dictionary<int, TensorValues> values = [];
        private readonly Dictionary<int, nint> places = [];
        private readonly List<nint> owned = [];
        private readonly nint weights, alpha, bias, partials, counters;

        public Memory(ExecutionPlan plan, ConvStep conv, byte[] packed, long partialBytes, long blocks)
        {
            (this.plan, this.conv) = (plan, conv);
            _ = new ReferenceExecutor(plan).Run(LayerPlan.Images(plan, seed: 3), (step, output) => values[step.Output] = output);
            foreach (var tensor in conv.Inputs.Append(conv.To))
            {
                var stored = plan.Tensors[tensor];
                places[tensor] = Allocate(stored.BytesPerImage * plan.Batch + Guard);
                var channels = stored.Shape.Channels;
                new Span<byte>((void*)places[tensor], (int)stored.BytesPerImage * plan.Batch + Guard).Fill(0x5a);
                for (var pixel = 0; tensor != conv.To && pixel < values[tensor].Levels.Length / channels; pixel++)
                    values[tensor].Levels.AsSpan(pixel * channels, channels).CopyTo(new Span<sbyte>((sbyte*)places[tensor] + pixel * stored.Stride, channels));
            }

            (weights, alpha, bias) = (Filled<byte>(packed), Filled<float>(PaddedWeights.Of(conv.Weights.Alpha)), Filled<float>(PaddedWeights.Of(conv.Weights.Bias)));
            (partials, counters) = (Allocate(partialBytes), Filled(new int[blocks]));
        }

        public ConvParameters Parameters(Tile? tile, int splits) =>
            TiledConvolution.Parameters(conv, plan, tensor => places[tensor], tile, splits) with { W = weights, Alpha = alpha, Bias = bias, Partials = partials, Counters = counters };

        public void Check(string what)
        {
            var (expected, stored) = (values[conv.To], plan.Tensors[conv.To]);
            var (channels, wrong) = (stored.Shape.Channels, 0);
            for (var i = 0; i < expected.Levels.Length; i++)
                wrong += ((sbyte*)places[conv.To])[i / channels * stored.Stride + i % channels] == expected.Levels[i] ? 0 : 1;
            Assert.True(wrong == 0, $"{what}: {wrong} of {expected.Levels.Length} differ");
            Assert.True(new ReadOnlySpan<byte>((byte*)places[conv.To] + stored.BytesPerImage * plan.Batch, Guard).IndexOfAnyExcept((byte)0x5a) < 0, $"{what}: something was written behind the output");
        }

        public void Dispose()
        {
            foreach (var each in owned)
                NativeMemory.AlignedFree((void*)each);
        }

        private nint Allocate(long bytes)
        {
            owned.Add((nint)NativeMemory.AlignedAlloc((nuint)bytes + 256, 256));
            return owned[^1];
        }

        private nint Filled<T>(ReadOnlySpan<T> content)
            where T : unmanaged
        {
            var place = Allocate(content.Length * sizeof(T));
            content.CopyTo(new Span<T>((void*)place, content.Length));
            return place;
        }
    }
}
