using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Compression.Weights;

namespace SparseGrid.Compression.Tests.Weights;

public sealed class StateDictFuzzTests
{
    /// <summary>What one reading may take: the weights are 46 KB, the header 5 KB.</summary>
    private const long MostAllocated = 4 << 20;

    private static readonly LayerGraph Graph = ResNet.Build("resnet8", new(3, 8, 8), 10, width: 8);

    [Fact]
    public void Damaged_safetensors_are_read_or_named_and_never_hang_or_fill_the_memory()
    {
        var whole = Whole();
        var (read, loaded, refused) = (0, 0, 0);
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
        for (var seed = 0; seed < rounds; seed++)
        {
            var bytes = Damaged(whole[seed % whole.Length], new Random(seed));
            var (clock, allocated) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                var state = StateDictFile.Read(bytes, "damaged.safetensors");
                read++;
                state.Into(Graph);
                loaded++;
            }
            catch (InvalidDataException fault)
            {
                Assert.StartsWith("damaged.safetensors ", fault.Message);
                refused++;
            }
            catch (Exception fault) when (fault is not InvalidDataException)
            {
                Assert.Fail($"seed {seed}: {fault}");
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"seed {seed}: {clock.Elapsed}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MostAllocated);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{read} read, {loaded} of them loaded, {refused} refused");
        Assert.True(loaded > rounds / 50 && read - loaded > rounds / 50 && refused > rounds / 4, $"{read} read, {loaded} loaded, {refused} refused: the damage says little");
    }

    // Plain weights, and half and double ones with a mask and a counter.
    private static byte[][] Whole()
    {
        var weights = GraphNetwork.Initial(Graph, 1);
        var mixed = weights.ToDictionary(entry => $"module.{entry.Key}", entry => entry.Value);
        mixed["module.fc.bias"] = new(ElementType.F64, [10], new byte[80]);
        mixed["module.bn1.bias"] = new(ElementType.F16, [8], new byte[16]);
        mixed["module.bn1.num_batches_tracked"] = HostArray.Of((ReadOnlySpan<long>)[3], 1);
        mixed["module.layer1.0.conv1.__weight_mma_mask"] = HostArray.Of(Enumerable.Repeat((byte)1, 8 * 8 * 9).ToArray(), 8, 8, 3, 3);
        return [SafeTensors.Write(weights), SafeTensors.Write(mixed)];
    }

    // Half of the damage is to the header's text alone, which stays JSON more often than not.
    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = Encoding.UTF8.GetString(bytes.AsSpan(8, length));
        switch (random.Next(8))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return [.. bytes, .. new byte[random.Next(1, 100)]];
            case 2:
                var flipped = bytes.ToArray();
                for (var i = random.Next(1, 4); i > 0; i--)
                    flipped[random.Next(random.Next(2) == 0 ? 8 + length : flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 3:
                var stated = bytes.ToArray();
                BinaryPrimitives.WriteInt64LittleEndian(stated, random.Next(3) switch { 0 => random.NextInt64(), 1 => random.Next(), _ => length + random.Next(-64, 64) });
                return stated;
            case 4:
                return WithHeader(Replaced(header, random, "F32", ["F64", "I8", "BOOL", "F8_E4M3", "3", ""]));
            case 5:
                string[] pieces = ["[", "]", "{", "}", ",", "\"", ":", "-", "1e9", "null", "9223372036854775807", "\\ud800", "\"weight\":", "[[[[[[[["];
                var at = random.Next(header.Length);
                return WithHeader(header[..at] + pieces[random.Next(pieces.Length)] + header[Math.Min(header.Length, at + random.Next(4))..]);
            case 6:
                return WithHeader(Replaced(header, random, ".weight", [".bias", ".x", ".__weight_mma_mask", "", "._orig_mod.weight"]));
            default:
                return WithHeader(Replaced(header, random, "[8,", ["[9,", "[-8,", "[0,", "[4611686018427387904,", "[8,1,", "[8.5,", "["]));
        }

        byte[] WithHeader(string text)
        {
            var encoded = Encoding.UTF8.GetBytes(text);
            return [.. BitConverter.GetBytes((long)encoded.Length), .. encoded, .. bytes[(8 + length)..]];
        }
    }

    // One of the places where a text stands becomes another.
    private static string Replaced(string header, Random random, string what, string[] by)
    {
        var places = Enumerable.Range(0, header.Length).Where(at => string.CompareOrdinal(header, at, what, 0, what.Length) == 0).ToArray();
        var place = places[random.Next(places.Length)];
        return header[..place] + by[random.Next(by.Length)] + header[(place + what.Length)..];
    }
}
