using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace SparseGrid.Compression.Tensors;

/// <summary>Reads and writes named arrays in the safetensors format. Equal arrays give equal bytes: names are in ordinal order.</summary>
/// <remarks>Format: 8 bytes little-endian header length, a JSON header {name: {dtype, shape, data_offsets}}, then the data (huggingface/safetensors).</remarks>
public static class SafeTensors
{
    private const int MaxHeader = 100_000_000;

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, HostArray> arrays)
    {
        var names = arrays.Keys.Order(StringComparer.Ordinal).ToArray();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var name in names)
            {
                var array = arrays[name];
                json.WriteStartObject(name);
                json.WriteString("dtype", array.Type.ToString());
                json.WriteStartArray("shape");
                foreach (var size in array.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += array.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');

        var file = new byte[8 + header.Length + names.Sum(name => (long)arrays[name].Bytes.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.ToArray().CopyTo(file, 8);
        var at = 8 + (int)header.Length;
        foreach (var name in names)
        {
            arrays[name].Bytes.Span.CopyTo(file.AsSpan(at));
            at += arrays[name].Bytes.Length;
        }

        return file;
    }

    /// <summary>The arrays of a file, by name.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="source">What the bytes are, for messages: a path or an artifact's hash.</param>
    /// <exception cref="InvalidDataException">The bytes are not a safetensors file; the message says where it breaks the format.</exception>
    public static ImmutableSortedDictionary<string, HostArray> Read(ReadOnlyMemory<byte> file, string source)
    {
        if (file.Length < 8)
            throw Broken(source, $"it has {file.Length} bytes, and the header's length alone takes 8");
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(file.Span);
        if (headerLength is < 2 or > MaxHeader || headerLength > file.Length - 8)
            throw Broken(source, $"its header should be {headerLength} bytes long, but the file has {file.Length}");

        var data = file[(8 + (int)headerLength)..];
        var arrays = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        try
        {
            using var header = JsonDocument.Parse(file.Slice(8, (int)headerLength));
            var places = new List<(long Begin, long End, string Name)>();
            foreach (var entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
            {
                var (array, begin) = Entry(entry, data, source);
                if (!arrays.TryAdd(entry.Name, array))
                    throw Broken(source, $"it has tensor '{entry.Name}' twice");
                places.Add((begin, begin + array.Bytes.Length, entry.Name));
            }

            CheckPlaces(places, data.Length, source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Broken(source, $"its header is not what the format asks: {e.Message}");
        }

        return arrays.ToImmutable();
    }

    // The format asks for tensors without gaps and overlaps, so that no byte goes unnoticed and none counts twice.
    private static void CheckPlaces(List<(long Begin, long End, string Name)> places, long length, string source)
    {
        places.Sort();
        var reached = 0L;
        foreach (var (begin, end, name) in places)
        {
            if (begin != reached)
                throw Broken(source, $"tensor '{name}' begins at byte {begin}, but the one before it ends at {reached}");
            reached = end;
        }

        if (reached != length)
            throw Broken(source, $"its tensors end at byte {reached} of {length}");
    }

    private static (HostArray Array, long Begin) Entry(JsonProperty entry, ReadOnlyMemory<byte> data, string source)
    {
        var name = entry.Name;
        var typeName = entry.Value.GetProperty("dtype").GetString();
        if (TypeOf(typeName) is not { } type)
            throw Broken(source, $"tensor '{name}' has dtype {typeName}, which is not supported");

        ImmutableArray<long> shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
            throw Broken(source, $"tensor '{name}' has {offsets.GetArrayLength()} data offsets where two are right");
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (begin < 0 || end < begin || end > data.Length)
            throw Broken(source, $"tensor '{name}' should lie at bytes {begin} to {end}, but there are {data.Length}");

        var bytes = (Int128)SizeOf(type);
        foreach (var size in shape)
        {
            bytes *= size;
            if (size < 0 || bytes > data.Length)
                throw Broken(source, $"tensor '{name}' has shape [{string.Join(", ", shape)}], which does not fit its {end - begin} bytes");
        }

        if (bytes != end - begin)
            throw Broken(source, $"tensor '{name}' has shape [{string.Join(", ", shape)}] of {type}, which takes {bytes} bytes, but it has {end - begin}");
        return (new(type, shape, data[(int)begin..(int)end]), begin);
    }

    // By name alone: Enum.Parse would take numbers too. Booleans are bytes here.
    private static ElementType? TypeOf(string? name) =>
        name == "BOOL" ? ElementType.U8
        : Enum.GetNames<ElementType>().Contains(name) ? Enum.Parse<ElementType>(name!)
        : null;

    internal static int SizeOf(ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 => 8,
        ElementType.F32 or ElementType.I32 => 4,
        ElementType.F16 or ElementType.BF16 => 2,
        _ => 1,
    };

    private static InvalidDataException Broken(string source, string why) =>
        new($"{source} is not a readable safetensors file: {why}. Write it again or restore it from a copy.");
}
