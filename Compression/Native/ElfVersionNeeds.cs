using System.Buffers.Binary;
using System.Text;

namespace SparseGrid.Compression.Native;

/// <summary>The symbol versions that a 64-bit little-endian ELF library asks of its dependencies, and how to make one of them optional.</summary>
/// <remarks>
/// Layout: System V gABI (ELF-64 header and section headers) and the Linux Standard Base, "Symbol Versioning", section 10.7.4
/// (<c>Elf64_Verneed</c>, <c>Elf64_Vernaux</c>). A need whose flags carry <c>VER_FLG_WEAK</c> (2) does not stop the loader when it is absent.
/// </remarks>
public static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const uint VersionSymbolSection = 0x6fffffff; // SHT_GNU_versym
    private const uint RelocationSection = 4; // SHT_RELA
    private const ushort WeakFlag = 2;

    /// <summary>Every version that the library needs, by name (GLIBC_2.34), with its index in the version table and where its flags lie.</summary>
    /// <param name="image">The whole file.</param>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file, or a table points outside it.</exception>
    public static IReadOnlyList<ElfVersionNeed> Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");

        try
        {
            var sections = Sections(image);
            var needs = new List<ElfVersionNeed>();
            foreach (var section in sections.Where(section => section.Type == VersionNeedSection))
            {
                var names = sections[(int)section.Link];
                var entry = section.Offset;
                for (var next = -1u; next != 0; entry += next)
                {
                    var aux = entry + BinaryPrimitives.ReadUInt32LittleEndian(image[(int)(entry + 8)..]);
                    for (var nextAux = -1u; nextAux != 0; aux += nextAux)
                    {
                        var fields = image[(int)aux..];
                        var name = Text(image, names.Offset + BinaryPrimitives.ReadUInt32LittleEndian(fields[8..]));
                        needs.Add(new(name, BinaryPrimitives.ReadUInt16LittleEndian(fields[6..]), (int)aux + 4));
                        nextAux = BinaryPrimitives.ReadUInt32LittleEndian(fields[12..]);
                    }

                    next = BinaryPrimitives.ReadUInt32LittleEndian(image[(int)(entry + 12)..]);
                }
            }

            return needs;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF file's tables point outside the file.", e);
        }
    }

    /// <summary>True when a relocation refers to a symbol of that version, so that the version cannot be done without.</summary>
    /// <remarks>A symbol table may still name a symbol that nothing refers to any more; that alone is no use.</remarks>
    public static bool IsUsed(ReadOnlySpan<byte> image, ElfVersionNeed need)
    {
        var sections = Sections(image);
        var symbols = new HashSet<uint>();
        foreach (var section in sections.Where(section => section.Type == VersionSymbolSection))
        {
            var table = image.Slice((int)section.Offset, (int)section.Size);
            for (var at = 0; at + 2 <= table.Length; at += 2)
            {
                if ((BinaryPrimitives.ReadUInt16LittleEndian(table[at..]) & 0x7fff) == need.Index)
                    symbols.Add((uint)at / 2);
            }
        }

        foreach (var section in sections.Where(section => section.Type == RelocationSection))
        {
            var table = image.Slice((int)section.Offset, (int)section.Size);
            for (var at = 0; at + 24 <= table.Length; at += 24)
            {
                if (symbols.Contains((uint)(BinaryPrimitives.ReadUInt64LittleEndian(table[(at + 8)..]) >> 32)))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Marks one need weak, in place.</summary>
    public static void MakeWeak(Span<byte> image, ElfVersionNeed need)
    {
        var flags = image[need.FlagsOffset..];
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | WeakFlag));
    }

    private static List<Section> Sections(ReadOnlySpan<byte> image)
    {
        var table = BinaryPrimitives.ReadUInt64LittleEndian(image[0x28..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3a..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3c..]);
        var sections = new List<Section>(count);
        for (var i = 0; i < count; i++)
        {
            var header = image[checked((int)table + i * size)..];
            sections.Add(new(
                BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
                checked((long)BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..])),
                checked((long)BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..])),
                BinaryPrimitives.ReadUInt32LittleEndian(header[0x28..])));
        }

        return sections;
    }

    private static string Text(ReadOnlySpan<byte> image, long offset)
    {
        var rest = image[(int)offset..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private readonly record struct Section(uint Type, long Offset, long Size, uint Link);
}
