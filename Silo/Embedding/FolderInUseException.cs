namespace SparseGrid.Silo.Embedding;

/// <summary>Another process runs a silo on the same folder, or a cluster's silos do.</summary>
public sealed class FolderInUseException(string folder, int? pid, bool shared, Exception inner) : IOException(
    shared
        ? $"Folder {folder} is in use by a cluster's silos. Submit the sweep to them (sparsegrid submit SPEC --folder {folder}), stop them, or choose another folder."
        : $"Folder {folder} is in use by {(pid is null ? "another process" : $"process {pid}")}. Wait for it, stop it, or choose another folder.",
    inner)
{
    /// <summary>The process that has it alone; null where it did not say, or where a cluster has it.</summary>
    public int? Pid => pid;

    /// <summary>True where a cluster's silos have it, so that they can be asked.</summary>
    public bool IsShared => shared;
}
