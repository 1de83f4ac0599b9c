using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tests.Data;

/// <summary>Small data sets of every format, written byte by byte.</summary>
internal static class TinySets
{
    /// <summary>Labels 0, 1, 2, 0, 1, 2, ….</summary>
    public static byte[] Labels(int count, int classes = 3) => [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];

    /// <summary>Bytes that differ from image to image.</summary>
    public static byte[] Pixels(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    /// <summary>IDX: magic, sizes, values.</summary>
    public static byte[] Idx(int magic, int[] sizes, byte[] values)
    {
        var bytes = new byte[4 + 4 * sizes.Length + values.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, magic);
        for (var i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + 4 * i), sizes[i]);
        values.CopyTo(bytes, 4 + 4 * sizes.Length);
        return bytes;
    }

    /// <summary>Images [count, 4, 5].</summary>
    public static byte[] IdxImages(int count) => Idx(0x803, [count, 4, 5], Pixels(count * 20));

    /// <summary>Labels.</summary>
    public static byte[] IdxLabels(int count) => Idx(0x801, [count], Labels(count));

    /// <summary>A folder of four IDX files: 12 training images and 6 test images of 4x5, 3 classes.</summary>
    public static string IdxFolder(string folder, bool gzipped = false, bool dots = false)
    {
        Directory.CreateDirectory(folder);
        void Put(string name, byte[] bytes) => File.WriteAllBytes(
            Path.Combine(folder, (dots ? name.Replace("-idx", ".idx") : name) + (gzipped ? ".gz" : "")), gzipped ? Gzip(bytes) : bytes);
        Put("train-images-idx3-ubyte", IdxImages(12));
        Put("train-labels-idx1-ubyte", IdxLabels(12));
        Put("t10k-images-idx3-ubyte", IdxImages(6));
        Put("t10k-labels-idx1-ubyte", IdxLabels(6));
        return folder;
    }

    /// <summary>A folder of CIFAR-10 (two images a batch, all ten classes) or CIFAR-100 (all hundred).</summary>
    public static string Cifar(string folder, int classes)
    {
        Directory.CreateDirectory(folder);
        byte[] Record(int label) => [.. classes == 100 ? new byte[] { 19, (byte)label } : [(byte)label], .. Pixels(3072)];
        if (classes == 100)
        {
            File.WriteAllBytes(Path.Combine(folder, "train.bin"), [.. Enumerable.Range(0, 100).SelectMany(Record)]);
            File.WriteAllBytes(Path.Combine(folder, "test.bin"), [.. Record(99), .. Record(0)]);
            return folder;
        }

        for (var batch = 1; batch <= 5; batch++)
            File.WriteAllBytes(Path.Combine(folder, $"data_batch_{batch}.bin"), [.. Record(2 * batch - 2), .. Record(2 * batch - 1)]);
        File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), [.. Record(9), .. Record(3)]);
        return folder;
    }

    /// <summary>An array in NumPy's format.</summary>
    public static byte[] Npy(string type, string shape, byte[] values, int version = 1, string order = "False")
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {order}, 'shape': ({shape}), }}";
        var start = version == 1 ? 10 : 12;
        header = header.PadRight((start + header.Length + 64) / 64 * 64 - start - 1) + "\n";
        byte[] length = version == 1
            ? [(byte)header.Length, (byte)(header.Length >> 8)]
            : [(byte)header.Length, (byte)(header.Length >> 8), 0, 0];
        return [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), (byte)version, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. values];
    }

    /// <summary>An archive of arrays.</summary>
    public static string Npz(string path, params (string Name, byte[] Array)[] arrays) => Npz(path, CompressionLevel.Optimal, arrays);

    /// <summary>An archive of arrays, stored or deflated.</summary>
    public static string Npz(string path, CompressionLevel level, params (string Name, byte[] Array)[] arrays)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, array) in arrays)
        {
            using var entry = archive.CreateEntry(name + ".npy", level).Open();
            entry.Write(array);
        }

        return path;
    }

    /// <summary>An archive of 6 images of 4x5 and 3 classes.</summary>
    public static string SmallNpz(string path, CompressionLevel level = CompressionLevel.Optimal) =>
        Npz(path, level, ("x", Npy("|u1", "6, 4, 5", Pixels(120))), ("y", Npy("<i8", "6,", Longs(Labels(6)))));

    /// <summary>The labels as 64-bit numbers.</summary>
    public static byte[] Longs(byte[] labels) => [.. labels.SelectMany(label => BitConverter.GetBytes((long)label))];

    /// <summary>Lines of 4 pixels and a label.</summary>
    public static string Csv(string path, int lines = 6)
    {
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, lines).Select(i => $"{i},10,20,255,{i % 3}\n")));
        return path;
    }

    /// <summary>The bytes, gzipped.</summary>
    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Finds and reads a data set.</summary>
    public static LabeledData Read(string format, string path, ImageLayout? layout = null) => DataPlace.Find(format, path, "/nowhere").Read(layout ?? new());
}
