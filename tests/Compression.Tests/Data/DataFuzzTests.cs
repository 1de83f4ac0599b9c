using System.Diagnostics;
using System.IO.Compression;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class DataFuzzTests : TestFolder
{
    private const long MostAllocated = 64 << 20;

    [Fact]
    public void Damaged_files_of_every_format_are_read_or_named_and_never_hang_or_fill_the_memory()
    {
        (string Format, string Path, string[] Files, ImageLayout Layout)[] sets =
        [
            Set("idx", TinySets.IdxFolder(In("idx"))),
            Set("idx", TinySets.IdxFolder(In("idx-gz"), gzipped: true)),
            Set("cifar10", TinySets.Cifar(In("cifar10"), 10)),
            Set("npz", TinySets.SmallNpz(In("deflated.npz"))),
            Set("npz", TinySets.SmallNpz(In("stored.npz"), CompressionLevel.NoCompression)),
            Set("csv", TinySets.Csv(In("a.csv"))),
            Set("digits-csv", Digits(In("digits.csv.gz"))),
        ];
        var (read, refused) = (0, 0);
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
        for (var seed = 0; seed < rounds; seed++)
        {
            var random = new Random(seed);
            var (format, path, files, layout) = sets[seed % sets.Length];
            var file = files[random.Next(files.Length)];
            var whole = File.ReadAllBytes(file);
            File.WriteAllBytes(file, Damage(whole, random));
            var (clock, allocated) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                DataDigest.Of(DataPlace.Find(format, path, "").Files);
                TinySets.Read(format, path, layout);
                read++;
            }
            catch (InvalidDataException fault)
            {
                Assert.True(fault.Message.StartsWith(path, StringComparison.Ordinal) && !fault.Message.Contains('\n'), $"seed {seed}: {fault.Message}");
                refused++;
            }
            catch (Exception fault) when (fault is not InvalidDataException)
            {
                Assert.Fail($"seed {seed}, {file}: {fault}");
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"seed {seed}: {clock.Elapsed}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < MostAllocated, $"seed {seed}: {GC.GetAllocatedBytesForCurrentThread() - allocated} bytes");
            File.WriteAllBytes(file, whole);
        }

        Assert.True(read > rounds / 20 && refused > rounds / 4, $"{read} read, {refused} refused: the damage says little");
    }

    private static (string Format, string Path, string[] Files, ImageLayout Layout) Set(string format, string path) =>
        (format, path, Directory.Exists(path) ? [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)] : [path],
        format == "csv" ? new(new ImageShape(1, 2, 2)) : new());

    private static string Digits(string path)
    {
        var lines = Enumerable.Range(0, 20).Select(i => string.Join(',', Enumerable.Range(0, 64).Select(pixel => (pixel + i) % 17).Append(i % 10)));
        File.WriteAllBytes(path, TinySets.Gzip(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines))));
        return path;
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToArray();
        switch (random.Next(5))
        {
            case 0:
                return damaged[..random.Next(damaged.Length)];
            case 1:
                return [.. damaged, .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)random.Next(256))];
            case 2:
                var at = random.Next(damaged.Length);
                return [.. damaged[..at], .. damaged[Math.Min(damaged.Length, at + random.Next(1, 9))..]];
            case 3:
                // Headers and directories stand at the ends: sizes there are what could mislead most.
                var place = random.Next(2) == 0 ? random.Next(Math.Min(damaged.Length, 64)) : damaged.Length - 1 - random.Next(Math.Min(damaged.Length, 160));
                damaged[place] = new byte[] { 0, 1, 0x7f, 0x80, 0xff }[random.Next(5)];
                return damaged;
            default:
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                return damaged;
        }
    }
}
