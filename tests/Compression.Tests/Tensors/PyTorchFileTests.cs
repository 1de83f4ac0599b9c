using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tensors.PyTorch;

namespace SparseGrid.Compression.Tests.Tensors;

/// <summary>Files that pytorch/make.py wrote with PyTorch 1.13.1, and damaged ones.</summary>
public sealed class PyTorchFileTests
{
    private static readonly float[] Values = [.. Enumerable.Range(0, 24).Select(value => (float)value)];

    [Fact]
    public void A_state_dict_is_read_with_names_shapes_and_values()
    {
        var state = Read("network.pth");

        Assert.Null(state.Key);
        Assert.Empty(state.Others);
        Assert.Equal(
            ["0.bias [4]", "0.weight [4, 3, 3, 3]", "1.bias [4]", "1.num_batches_tracked []", "1.running_mean [4]", "1.running_var [4]", "1.weight [4]"],
            state.Arrays.Select(array => $"{array.Key} [{string.Join(", ", array.Value.Shape)}]"));
        Assert.Equal(Enumerable.Range(0, 108).Select(value => (float)value), state.Arrays["0.weight"].Floats.ToArray());
        Assert.Equal([100f, 101, 102, 103], state.Arrays["0.bias"].Floats.ToArray());
        Assert.Equal([600L], state.Arrays["1.num_batches_tracked"].Longs.ToArray());
    }

    [Fact]
    public void Views_and_types_of_a_checkpoint_s_state_dict_come_out_row_major_and_the_rest_is_named()
    {
        var state = Read("checkpoint.pth");

        Assert.Equal("model_state_dict", state.Key);
        Assert.Equal(["epoch", "best", "learning_rate", "large", "history", "optimizer"], state.Others);
        Assert.Equal(Values, state.Arrays["rows"].Floats.ToArray());
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)(i % 4 * 6 + i / 4)), state.Arrays["transposed"].Floats.ToArray());
        Assert.Equal([6L, 4], state.Arrays["transposed"].Shape);
        Assert.Equal([6f, 8, 10, 12, 14, 16], state.Arrays["strided"].Floats.ToArray());
        Assert.Equal(Values, MemoryMarshal.Cast<byte, Half>(state.Arrays["half"].Bytes.Span).ToArray().Select(value => (float)value));
        Assert.Equal(Values, MemoryMarshal.Cast<byte, ushort>(state.Arrays["bfloat16"].Bytes.Span).ToArray().Select(value => BitConverter.Int32BitsToSingle(value << 16)));
        Assert.Equal(Values, MemoryMarshal.Cast<byte, double>(state.Arrays["double"].Bytes.Span).ToArray().Select(value => (float)value));
        Assert.Equal([-1L, 0, 1], state.Arrays["long"].Longs.ToArray());
        Assert.Equal([-1, 0, 1], MemoryMarshal.Cast<byte, int>(state.Arrays["int"].Bytes.Span).ToArray());
        Assert.Equal((ElementType.I8, 255), (state.Arrays["char"].Type, state.Arrays["char"].Bytes.Span[0]));
        Assert.Equal(Values.Select(value => value > 11 ? (byte)1 : (byte)0), state.Arrays["mask"].UnsignedBytes.ToArray());
        Assert.Equal(Values, state.Arrays["parameter"].Floats.ToArray());
        Assert.Equal([7f], state.Arrays["number"].Floats.ToArray());
        Assert.Empty(state.Arrays["number"].Shape);
        Assert.Equal([0L, 3], state.Arrays["empty"].Shape);
        Assert.Equal([0f, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], Read("expanded.pth").Arrays["w"].Floats[..12].ToArray());
    }

    [Theory]
    [InlineData("namespace.pth", "it holds a argparse.Namespace, which is no tensor, dict, list, number or text, and is not loaded. Save model.state_dict() alone")]
    [InlineData("module.pth", "it holds a torch.nn.modules.container.Sequential")]
    [InlineData("legacy.pth", "it is in the format from before PyTorch 1.6. Load it in PyTorch and save the state dict anew.")]
    [InlineData("script.pth", "it is a TorchScript archive, a program")]
    [InlineData("two.pth", "it has several state dicts (model, model_ema); say which one is meant")]
    [InlineData("complex.pth", "it holds a torch.ComplexFloatStorage; float, double")]
    [InlineData("list.pth", "it holds no dict")]
    public void What_is_no_plain_state_dict_is_refused_by_its_name(string file, string reason)
    {
        var message = Assert.Throws<InvalidDataException>(() => Read(file)).Message;
        Assert.StartsWith($"{file} cannot be read as a PyTorch state dict: {reason}", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_key_says_which_state_dict_is_meant_and_a_wrong_one_is_answered_with_those_that_are_there()
    {
        Assert.Equal("model_ema", Read("two.pth", "model_ema").Key);
        Assert.Contains("'ema' is no dict of tensors in it; it has model, model_ema.", Assert.Throws<InvalidDataException>(() => Read("two.pth", "ema")).Message);
    }

    [Theory]
    [InlineData("c__builtin__\neval\nX\u0004\0\0\0evil\u0085R.", "__builtin__.eval")]
    [InlineData("cos\nsystem\nX\u0004\0\0\0evil\u0085R.", "os.system")]
    [InlineData("}X\u0001\0\0\0wctorch\nload\n)Rs.", "torch.load")]
    [InlineData("}h\u0005.", "refers to object 5")]
    [InlineData("(((", "ends at byte 3")]
    [InlineData("X\u00ff\u00ff\u00ff\u007fw.", "announces 2147483647 bytes")]
    [InlineData("}}", "ends at byte 2")]
    [InlineData("}}.", "ends with 2 objects")]
    [InlineData("]K\u0001b.", "sets attributes")]
    [InlineData("I1\n.", "the opcode 0x49")]
    public void A_pickle_runs_nothing_and_what_breaks_the_format_is_said(string pickle, string reason)
    {
        var message = Assert.Throws<InvalidDataException>(() => PyTorchFile.Read(Archive(Encoding.Latin1.GetBytes(pickle)), "evil.pth")).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_and_pickles_are_read_or_named_and_never_hang_or_fill_the_memory()
    {
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
        string[] files = ["network.pth", "checkpoint.pth", "expanded.pth"];
        var whole = Array.ConvertAll(files, file => File.ReadAllBytes(Path.Combine(Folder, file)));
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < rounds; seed++)
        {
            var random = new Random(seed);
            var bytes = whole[random.Next(whole.Length)];
            // Half of the damage is under a right checksum, where only the reader stands in its way.
            bytes = seed % 2 == 0 ? Damaged(bytes, random) : WithOneEntry(bytes, random, entry => Damaged(entry, random));
            var (clock, allocated) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                PyTorchFile.Read(new MemoryStream(bytes), "damaged.pth");
                read++;
            }
            catch (InvalidDataException fault)
            {
                Assert.StartsWith("damaged.pth cannot be read as a PyTorch state dict: ", fault.Message);
                refused++;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"seed {seed}: {clock.Elapsed}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 32 << 20);
        }

        Assert.True(read > rounds / 20 && refused > rounds / 4, $"{read} read, {refused} refused: the damage says little");
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Tensors", "pytorch");

    private static PyTorchStateDict Read(string file, string? key = null)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, file));
        return PyTorchFile.Read(stream, file, key);
    }

    private static MemoryStream Archive(byte[] pickle)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("evil/data.pkl", CompressionLevel.NoCompression).Open();
            entry.Write(pickle);
        }

        stream.Position = 0;
        return stream;
    }

    private static byte[] WithOneEntry(byte[] file, Random random, Func<byte[], byte[]> change)
    {
        var stream = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(file)))
        using (var to = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var changed = random.Next(2) == 0 ? 0 : random.Next(from.Entries.Count);          // the first is data.pkl
            foreach (var entry in from.Entries)
            {
                using var content = new MemoryStream();
                using (var opened = entry.Open())
                    opened.CopyTo(content);
                using var copy = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                copy.Write(entry == from.Entries[changed] && content.Length > 0 ? change(content.ToArray()) : content.ToArray());
            }
        }

        return stream.ToArray();
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length);
        return random.Next(4) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)), .. bytes[at..]],
            2 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 9))..]],
            _ => [.. bytes.Select((value, index) => index >= at && index < at + 2 ? (byte)random.Next(256) : value)],
        };
    }
}
