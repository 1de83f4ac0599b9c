using System.Globalization;
using System.Text.RegularExpressions;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Execution;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The kernels' sources go through NVRTC, which needs no GPU; these run where it is found.</summary>
public sealed class KernelCompilationTests
{
    public static TheoryData<string> Sources() => [.. AllSources().Keys];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_kernel_compiles_and_keeps_its_sums_in_registers(string name)
    {
        var compiler = RequireCompiler();
        var cubin = compiler.Compile(AllSources()[name], KernelSources.Headers, 90, out var messages);

        TestContext.Current.TestOutputHelper?.WriteLine(messages);
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F'], cubin[..4]);
        // What the compiler says of multiplications of warpgroups that it cannot let overlap. One kernel has too few registers for that, and is the fastest of its layers all the same (decision 0027).
        if (!name.EndsWith("pointwise 128x64/64+2 dense", StringComparison.Ordinal))
            Assert.DoesNotContain("serialized", messages, StringComparison.Ordinal);
        // Some registers of addresses and weights may be spilled; accumulators, 256 bytes and more, may not.
        foreach (Match spilled in Regex.Matches(messages, @"(\d+) bytes spill stores"))
            Assert.InRange(int.Parse(spilled.Groups[1].Value, CultureInfo.InvariantCulture), 0, 256);
    }

    // The note that the test above refuses is there where it should be: the first multiplication's sums are used before it has been waited for.
    [Fact]
    public void Multiplications_of_warpgroups_that_cannot_overlap_are_noted_in_the_log()
    {
        var compiler = RequireCompiler();
        Assert.SkipWhen(compiler.Version.Major < 12, $"NVRTC {compiler.Version} knows no instructions of warpgroups; 12.0 does.");
        var source = KernelSources.Of(["warpgroup_instructions.cuh"], """
            extern "C" __global__ void early(int* sums, const uint4* weights, u64 activations, int times) {
              int c[8][4];
              for (int i = 0; i < 8; i++) for (int j = 0; j < 4; j++) c[i][j] = sums[(i * 4 + j) * 128 + threadIdx.x];
              const uint4 a = weights[threadIdx.x];
              WARPGROUP_FENCE;
              for (int i = 0; i < times; i++) {
                warpgroup_dense(c, a, activations, 1);
                c[0][0] += i;
                sums[threadIdx.x] = c[0][1];
                warpgroup_dense(c, a, activations, 1);
                WARPGROUP_COMMIT;
              }
              WARPGROUP_WAIT(0);
              for (int i = 0; i < 8; i++) for (int j = 0; j < 4; j++) sums[(i * 4 + j) * 128 + threadIdx.x] = c[i][j];
            }
            """);
        compiler.Compile(source, KernelSources.Headers, 90, out var messages);
        Assert.Contains("serialized", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_in_a_source_is_told_with_the_compilers_words()
    {
        var fault = Assert.Throws<CudaException>(() => RequireCompiler().Compile("__global__ void k() { undeclared = 1; }", KernelSources.Headers, 90, out _));
        Assert.Contains("undeclared", fault.Message);
    }

    // All tiles take minutes; the short run takes one of each kind, and all that multiply with warpgroups, since each has to leave the compiler the registers for it.
    private static SortedDictionary<string, string> AllSources()
    {
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["steps"] = PlainKernels.Source,
            ["image, many tiles"] = ImageConvolution.Source(4),
            ["image, few tiles"] = ImageConvolution.Source(1),
            ["twin"] = Tile.All.First(tile => tile.Kind == TileKind.Direct).TwinSource(twoFour: true),
            ["stem of float32"] = StemKernel.Source(2, ImageForm.Float32),
            ["stem of float32 in parts"] = StemKernel.Source(1, ImageForm.Float32, parts: 2),
            ["stem of float16"] = StemKernel.Source(4, ImageForm.Float16ChannelsLast),
        };
        Tile[] tiles = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1"
            ? [.. Tile.All]
            : [
                Tile.All.First(tile => tile is { Kind: TileKind.Implicit, BM: 64, BN: 64 }), Tile.All.First(tile => tile is { Kind: TileKind.Halo, BM: 64, BN: 64 }),
                Tile.All.First(tile => tile is { Kind: TileKind.Stream, BM: 64, BN: 224 }), Tile.All.First(tile => tile is { Kind: TileKind.Direct, Parts: 4 }),
                .. Tile.All.Where(tile => tile.UsesWarpgroups),
            ];
        foreach (var (i, tile) in tiles.Index())
        {
            sources[$"{i:D2} {tile} dense"] = tile.Source(twoFour: false);
            sources[$"{i:D2} {tile} 2:4"] = tile.Source(twoFour: true);
        }

        return sources;
    }

    private static NvrtcCompiler RequireCompiler()
    {
        try
        {
            return NvrtcCompiler.Find();
        }
        catch (CudaException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
