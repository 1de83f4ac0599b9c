namespace SparseGrid.Silo.Embedding;

/// <summary>A silo inside this process.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>Folder of the grid: <c>grid.db</c>, artifacts, checkpoints, <c>silo.log</c>. Made where it is missing; one process at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>Variants run at once, 0 to 64. Default 1.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Settings that are laid over the defaults, by configuration key: Orleans:GrainStorage:Default:ProviderType.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
