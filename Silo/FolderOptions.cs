using System.ComponentModel.DataAnnotations;

namespace SparseGrid.Silo;

/// <summary>Where this silo keeps its files.</summary>
public sealed class FolderOptions
{
    /// <summary>Folder of artifacts and checkpoints; silos of one cluster share it. Default: <c>.sparsegrid</c> in the working folder.</summary>
    [Required]
    public string Root { get; set; } = ".sparsegrid";
}
