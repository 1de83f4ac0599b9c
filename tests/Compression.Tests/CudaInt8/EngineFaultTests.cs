using System.Runtime.CompilerServices;
using System.Text;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.Runtimes;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>What the engine says where something is missing, and what can be checked of it without a GPU.</summary>
public sealed class EngineFaultTests
{
    [Fact]
    public void Without_a_driver_it_says_what_is_missing()
    {
        Assert.SkipUnless(GpuDevice.Models.Count == 0, $"This machine has a GPU: {string.Join(", ", GpuDevice.Models)}.");
        Assert.Contains("libcuda.so.1", Assert.Throws<CudaException>(() => CudaDevice.Open()).Message);
        Assert.False(CudaDevice.IsAvailable(out var reason));
        Assert.Contains("8.0", reason);
    }

    [Fact]
    public void A_driver_that_is_too_old_is_told_with_both_versions()
    {
        var fault = Assert.Throws<CudaException>(() => CudaDevice.CheckDriver(11_080)).Message;
        Assert.Contains("11.8", fault);
        Assert.Contains("12.0", fault);
        CudaDevice.CheckDriver(13_000);
    }

    [Fact]
    public void A_missing_compiler_is_told_with_the_places_that_were_tried()
    {
        var empty = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains(NvrtcLibrary.PathVariable, Assert.Throws<CudaException>(() => NvrtcLibrary.Load(NvrtcLibrary.Candidates(empty, null))).Message);
        Assert.Contains("libnvrtc-none.so", Assert.Throws<CudaException>(() => NvrtcLibrary.Load(["libnvrtc-none.so"])).Message);
    }

    [Fact]
    public void The_compiler_is_looked_for_in_the_wheels_beside_an_installed_PyTorch()
    {
        var packages = Directory.CreateTempSubdirectory().FullName;
        var torch = Directory.CreateDirectory(Path.Combine(packages, "torch", "lib")).FullName;
        var wheel = Directory.CreateDirectory(Path.Combine(packages, "nvidia", "cu13", "lib")).FullName;
        File.WriteAllText(Path.Combine(wheel, "libnvrtc.so.13"), "");
        Assert.Equal(Path.Combine(wheel, "libnvrtc.so.13"), Path.GetFullPath(NvrtcLibrary.Candidates(null, torch)[0]));
        Assert.Equal([Path.Combine(wheel, "libnvrtc.so.13")], NvrtcLibrary.Candidates(wheel, torch));
    }

    [Fact]
    public void Parameters_are_as_large_as_the_kernels_say()
    {
        Assert.Equal(144, Unsafe.SizeOf<ConvParameters>());
        Assert.Equal(248, Unsafe.SizeOf<PooledParameters>());
        Assert.Equal(296, Unsafe.SizeOf<TwinParameters>());
        Assert.Equal(48, Unsafe.SizeOf<StemParameters>());
        Assert.Equal(
            (40, 144, 112, 104, 96, 64, 56),
            (Unsafe.SizeOf<ImageParameters>(), Unsafe.SizeOf<PlainConv>(), Unsafe.SizeOf<FloatConv>(), Unsafe.SizeOf<Pool>(), Unsafe.SizeOf<PointwiseParameters>(), Unsafe.SizeOf<ChannelParameters>(),
                Unsafe.SizeOf<FlattenParameters>()));
    }

    [Fact]
    public void A_cached_file_is_read_back_and_a_damaged_choice_is_not_taken()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var cache = new EngineCache(Path.Combine(folder, "below"));
        Assert.Null(cache.Read("choice"));
        cache.Write("choice", new TileChoice(3, 2, 12.5).ToBytes());
        Assert.Equal(new TileChoice(3, 2, 12.5), TileChoice.Parse(cache.Read("choice")));
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "below")));
        Assert.Null(TileChoice.Parse("999 1 2.0"u8.ToArray()));
        Assert.Null(TileChoice.Parse("3 2"u8.ToArray()));
        Assert.Null(TileChoice.Parse("3 2 NaN"u8.ToArray()));
        Assert.Null(TileChoice.Parse("3 2 -1.5"u8.ToArray()));
        Assert.NotEqual(EngineCache.NameOf("x", "ab", "c"), EngineCache.NameOf("x", "a", "bc"));
    }

    [Fact]
    public void A_networks_choice_is_read_back_and_none_that_does_not_fit_it()
    {
        var choice = new NetworkChoice([true, false, true], [0, 2, 7]);
        var read = NetworkChoice.Parse(choice.ToBytes(), shapes: 3, steps: 9)!;
        Assert.Equal(choice.TwoFour, read.TwoFour);
        Assert.Equal(choice.Joined, read.Joined);
        Assert.Empty(NetworkChoice.Parse(new NetworkChoice([], []).ToBytes(), shapes: 0, steps: 1)!.Joined);
        Assert.Null(NetworkChoice.Parse(null, 3, 9));
        Assert.Null(NetworkChoice.Parse(choice.ToBytes(), shapes: 4, steps: 9));
        Assert.Null(NetworkChoice.Parse(choice.ToBytes(), shapes: 3, steps: 8));
        Assert.All((string[])["101", "1x1 0", "101 0 2", "101 -1", "101 2,0", "101 0,1", "101 0,0", "101 a", ""], text => Assert.Null(NetworkChoice.Parse(Encoding.ASCII.GetBytes(text), 3, 9)));
    }

    [Fact]
    public void A_damaged_file_of_the_cache_is_as_none_and_is_written_anew()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (cache, path) = (new EngineCache(folder), Path.Combine(folder, "kernel.cubin"));
        byte[] code = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        cache.Write("kernel.cubin", code);
        var whole = File.ReadAllBytes(path);
        byte[] flipped = [.. whole];
        flipped[500] ^= 1;
        foreach (var damaged in (byte[][])[[], whole[..20], whole[..500], whole[..^1], [.. whole, 0], flipped, code])
        {
            File.WriteAllBytes(path, damaged);
            Assert.Null(cache.Read("kernel.cubin"));
            cache.Write("kernel.cubin", code);
            Assert.Equal(code, cache.Read("kernel.cubin"));
        }
    }

    [Fact]
    public void A_write_that_fails_leaves_no_part_of_a_file()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        Directory.CreateDirectory(Path.Combine(folder, "taken", "by a folder"));
        new EngineCache(folder).Write("taken", [1, 2, 3]);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void Several_writers_of_one_file_leave_a_whole_one()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var code = Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)i, 50_000 + i).ToArray()).ToArray();
        Parallel.For(0, 64, i =>
        {
            var cache = new EngineCache(folder);
            cache.Write("kernel.cubin", code[i % 8]);
            var read = cache.Read("kernel.cubin");
            Assert.NotNull(read);
            Assert.Equal(code[read[0]], read);
        });
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_costs_no_more_than_time()
    {
        var file = Path.GetTempFileName();
        var cache = new EngineCache(Path.Combine(file, "below"));
        cache.Write("name", [1, 2, 3]);
        Assert.Null(cache.Read("name"));
    }
}
