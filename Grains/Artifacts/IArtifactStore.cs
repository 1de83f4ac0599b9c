namespace SparseGrid.Grains.Artifacts;

/// <summary>Files under the SHA-256 of their bytes. Writing the same bytes again is harmless.</summary>
public interface IArtifactStore
{
    /// <summary>Stores the bytes (temporary file, fsync, rename) and gives their hash, 64 lower-case hex digits.</summary>
    /// <exception cref="IOException">The disk is full or read-only; nothing is left half written under the hash.</exception>
    string Put(ReadOnlySpan<byte> bytes);

    /// <summary>True where there is a file of that name; cheap, and says nothing about its bytes.</summary>
    bool Exists(string hash);

    /// <summary>True where the artifact is there and its bytes are those it is named by.</summary>
    bool Holds(string hash);

    /// <summary>The bytes, checked against the hash.</summary>
    /// <exception cref="InvalidDataException">The artifact is missing or its bytes are not those it is named by; says which file and what to do.</exception>
    byte[] Get(string hash);

    /// <summary>Size in bytes.</summary>
    /// <exception cref="InvalidDataException">The artifact is missing.</exception>
    long SizeOf(string hash);

    /// <summary>Makes sure that there is room for artifacts, by writing a mebibyte and deleting it.</summary>
    /// <exception cref="IOException">The disk is full or read-only; says which folder and how many bytes are free.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder must not be written to.</exception>
    void CheckRoom();

    /// <summary>Where the artifact lies, for a user who wants the file.</summary>
    string Locate(string hash);
}
