namespace SparseGrid.Compression.Native;

/// <summary>One symbol version that a library needs.</summary>
/// <param name="Name">The version's name: GLIBCXX_3.4.32.</param>
/// <param name="Index">Its index in the library's version table, which its symbols refer to.</param>
/// <param name="FlagsOffset">Where its 16-bit flags lie in the file, in bytes.</param>
public readonly record struct ElfVersionNeed(string Name, ushort Index, int FlagsOffset);
