namespace SparseGrid.Compression.Data;

/// <summary>A file that its publisher offers.</summary>
/// <param name="Address">Where; its last segment is the file's name.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of the file as it is served, 64 lower-case hex digits.</param>
public sealed record RemoteFile(Uri Address, long Length, string Sha256)
{
    /// <summary>The file's name.</summary>
    public string Name => Path.GetFileName(Address.LocalPath);
}
