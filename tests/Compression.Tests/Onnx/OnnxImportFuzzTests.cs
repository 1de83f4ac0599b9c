using System.Diagnostics;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tests.Golden;

namespace SparseGrid.Compression.Tests.Onnx;

public sealed class OnnxImportFuzzTests
{
    private const long MostAllocated = 64 << 20;

    [Fact]
    public void Damaged_files_are_imported_or_named_and_never_hang_or_fill_the_memory()
    {
        var folder = Path.Combine(GoldenIndex.Folder, "models");
        AssertReadOrNamed([.. Directory.GetFiles(folder, "*.onnx").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)], 20_000);
    }

    [Fact]
    public void Damaged_quantized_files_are_imported_or_named_and_never_hang_or_fill_the_memory()
    {
        var recorded = Directory.GetFiles(GoldenIndex.Folder, "quantnet_*.onnx").Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
        var ours = Dialect.All.SelectMany(dialect => Enum.GetValues<BatchNormForm>().Select(form => QuantizedImportTests.Exported(Float32ExportTests.EveryNode(), dialect, form, seed: 1)));
        AssertReadOrNamed([.. recorded, .. ours], 100_000);
    }

    // The nodes of a file come first; behind them damage is only other weights, so three of four times it is to the first bytes.
    private static void AssertReadOrNamed(byte[][] whole, int nodes)
    {
        var (read, refused) = (0, 0);
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
        for (var seed = 0; seed < rounds; seed++)
        {
            var random = new Random(seed);
            var bytes = Damaged(whole[seed % whole.Length], random, nodes);
            var (clock, allocated) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                OnnxImport.Read(bytes, "damaged.onnx");
                read++;
            }
            catch (InvalidDataException fault)
            {
                Assert.StartsWith("damaged.onnx cannot be imported: ", fault.Message);
                refused++;
            }
            catch (Exception fault) when (fault is not InvalidDataException)
            {
                Assert.Fail($"seed {seed}: {fault}");
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"seed {seed}: {clock.Elapsed}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MostAllocated);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{read} read, {refused} refused");
        Assert.True(read > rounds / 20 && refused > rounds / 4, $"{read} read, {refused} refused: the damage says little");
    }

    private static byte[] Damaged(byte[] bytes, Random random, int nodes)
    {
        var damaged = bytes.ToArray();
        var end = random.Next(4) == 0 ? damaged.Length : Math.Min(damaged.Length, nodes);
        switch (random.Next(4))
        {
            case 0:
                return damaged[..random.Next(end)];
            case 1:
                for (var i = random.Next(1, 4); i > 0; i--)
                    damaged[random.Next(end)] = (byte)random.Next(256);
                return damaged;
            case 2:
                // A small number, such as a size, an axis or an attribute, becomes another one.
                for (var i = 0; i < 3; i++)
                {
                    var at = random.Next(end);
                    while (at < damaged.Length - 1 && damaged[at] > 16)
                        at++;
                    damaged[at] = (byte)random.Next(20);
                }

                return damaged;
            default:
                var (from, length) = (random.Next(end), random.Next(1, 30));
                return [.. damaged[..from], .. damaged[Math.Min(damaged.Length, from + length)..]];
        }
    }
}
