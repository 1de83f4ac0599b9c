namespace SparseGrid.Silo.Embedding;

/// <summary>Another process runs a silo on the same folder.</summary>
public sealed class FolderInUseException(string folder, int? pid, Exception inner) : IOException(
    $"Folder {folder} is in use by {(pid is null ? "another process" : $"process {pid}")}. Wait for it, stop it, or choose another folder.", inner)
{
    /// <summary>The process that has it; null where it did not say.</summary>
    public int? Pid => pid;
}
