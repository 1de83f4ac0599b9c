using System.Collections.Immutable;
using System.IO.Compression;
using SparseGrid.Compression.Data;

namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>Reads state dicts that torch.save wrote (.pth, .pt), without Python and without running anything that the file says.</summary>
/// <remarks>
/// The format since PyTorch 1.6: a zip archive with a pickle, data.pkl, and one uncompressed entry for each storage. Allowed in the pickle are dicts, lists, tuples, numbers, texts and
/// tensors; any other class is refused by its name, as torch.load does with weights_only. Arrays take at most four times the file's length in memory, and 1 MiB.
/// </remarks>
public static class PyTorchFile
{
    private const int LongestPickle = 256 << 20;
    private static readonly string[] Keys = ["state_dict", "model_state_dict", "model", "net", "network", "weights", "state_dict_ema", "model_ema"];
    private static readonly byte[] LegacyStart = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>The tensors of a file.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="source">What the bytes are, for messages: a path.</param>
    /// <param name="key">Where the state dict stands in the checkpoint; null looks under the usual names and then at the checkpoint itself.</param>
    /// <exception cref="InvalidDataException">The file is damaged, of another format, holds code, or no state dict is found where it is looked for.</exception>
    public static PyTorchStateDict Read(Stream file, string source, string? key = null)
    {
        try
        {
            Span<byte> start = stackalloc byte[LegacyStart.Length];
            var read = WholeRead.AtMost(file, start);
            file.Position = 0;
            if (start[..read].SequenceEqual(LegacyStart))
                throw new InvalidDataException("it is in the format from before PyTorch 1.6. Load it in PyTorch and save the state dict anew");

            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            return new Archive(archive, file.Length).StateDict(key);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            // All but the first are what the runtime throws where the zip directory, headers or lengths are damaged, or sizes exceed every number.
            throw new InvalidDataException($"{source} cannot be read as a PyTorch state dict: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private sealed class Archive
    {
        private readonly ZipArchive archive;
        private readonly string folder;
        private readonly Dictionary<string, byte[]> storages = [];
        private long room;

        public Archive(ZipArchive archive, long length)
        {
            this.archive = archive;
            room = 4 * length + (1 << 20);
            var pickles = archive.Entries.Where(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).ToArray();
            if (pickles.Length != 1)
                throw new InvalidDataException($"the archive has {pickles.Length} entries data.pkl where torch.save writes one");
            folder = pickles[0].FullName[..^"data.pkl".Length];
            if (archive.GetEntry(folder + "constants.pkl") is not null)
                throw new InvalidDataException("it is a TorchScript archive, a program. Save model.state_dict() with torch.save, or export the model to ONNX");
            if (archive.GetEntry(folder + "byteorder") is { } order && !Content(order, 16).AsSpan().SequenceEqual("little"u8))
                throw new InvalidDataException("its values are not little-endian. Save it anew on a little-endian machine");
        }

        public PyTorchStateDict StateDict(string? key)
        {
            var root = new PickleReader(PyTorchCalls.Call, PyTorchCalls.Storage).Read(Content(archive.GetEntry(folder + "data.pkl")!, LongestPickle));
            if (root is not PickleDictionary checkpoint)
                throw new InvalidDataException("it holds no dict. Save model.state_dict() with torch.save");
            var names = checkpoint.Entries.Select(entry => entry.Key as string ?? "").Where(name => name.Length > 0).ToArray();
            var found = key is not null ? (string[])[key] : Keys.Where(name => checkpoint.Find(name) is PickleDictionary inner && HoldsTensors(inner)).ToArray();
            if (key is null && found.Length == 0 && HoldsTensors(checkpoint))
                return Of(checkpoint, null, []);
            if (found.Length != 1 || checkpoint.Find(found[0]) is not PickleDictionary state || !HoldsTensors(state))
            {
                var shown = string.Join(", ", names.Take(12)) + (names.Length > 12 ? ", …" : "");
                throw new InvalidDataException(
                    key is not null ? $"'{key}' is no dict of tensors in it; it has {(shown.Length == 0 ? "nothing" : shown)}"
                    : found.Length > 1 ? $"it has several state dicts ({string.Join(", ", found)}); say which one is meant"
                    : $"it has no state dict, neither itself nor under {string.Join(", ", Keys)}; it has {(shown.Length == 0 ? "nothing" : shown)}");
            }

            return Of(state, found[0], names.Where(name => name != found[0]));
        }

        private static bool HoldsTensors(PickleDictionary dictionary) => dictionary.Entries.Any(entry => entry is { Key: string, Value: PyTorchTensor });

        private PyTorchStateDict Of(PickleDictionary state, string? key, IEnumerable<string> beside)
        {
            var arrays = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
            var others = beside.ToList();
            foreach (var (name, value) in state.Entries)
            {
                if (name is string text && value is PyTorchTensor tensor)
                    arrays[text] = ArrayOf(text, tensor);
                else
                    others.Add($"{name}");
            }

            return new(arrays.ToImmutable(), key, [.. others]);
        }

        private HostArray ArrayOf(string name, PyTorchTensor tensor)
        {
            var size = SafeTensors.SizeOf(tensor.Storage.Type);
            long count = 1, last = tensor.Offset;
            for (var axis = 0; axis < tensor.Shape.Length; axis++)
            {
                count = checked(count * tensor.Shape[axis]);
                last = checked(last + (tensor.Shape[axis] - 1) * tensor.Strides[axis]);
            }

            if (count == 0)
                return new(tensor.Storage.Type, [.. tensor.Shape], Array.Empty<byte>());
            if (last >= tensor.Storage.Count || count > tensor.Storage.Count)
            {
                throw new InvalidDataException(
                    $"tensor '{name}' [{string.Join(", ", tensor.Shape)}] reaches to value {last} of a storage of {tensor.Storage.Count}, or repeats its values (expand)");
            }

            room -= count * size;
            if (room < 0)
                throw new InvalidDataException("its tensors, which share storages, take more than four times the file's length. Save the tensors that are needed alone");

            var storage = StorageOf(name, tensor.Storage, size);
            var bytes = new byte[count * size];
            Strided.Copy(storage, tensor, bytes, size);
            return new(tensor.Storage.Type, [.. tensor.Shape], bytes);
        }

        private byte[] StorageOf(string name, PyTorchStorage storage, int size)
        {
            if (storages.TryGetValue(storage.Key, out var known) && known.Length == storage.Count * size)
                return known;
            var entry = archive.GetEntry($"{folder}data/{storage.Key}") ?? throw new InvalidDataException($"the values of tensor '{name}' (data/{storage.Key}) are missing");
            if (entry.Length != storage.Count * size)
                throw new InvalidDataException($"tensor '{name}' is of a storage of {storage.Count} values of {storage.Type}, but data/{storage.Key} has {entry.Length} bytes");
            return storages[storage.Key] = Content(entry, int.MaxValue);
        }

        private static byte[] Content(ZipArchiveEntry entry, int most)
        {
            if (entry.CompressedLength != entry.Length)
                throw new InvalidDataException($"{entry.FullName} is compressed, which torch.save never does. Save it anew with torch.save");
            if (entry.Length > most)
                throw new InvalidDataException($"{entry.FullName} has {entry.Length} bytes; at most {most} can be read");
            using var content = new ZipEntryContent(entry);
            var bytes = WholeRead.Of(content, (int)entry.Length);
            return bytes.Length == entry.Length && content.EndsWhole()
                ? bytes
                : throw new InvalidDataException($"{entry.FullName} is not what its checksum says. Get the file again (or save it without set_crc32_options(False))");
        }
    }
}
