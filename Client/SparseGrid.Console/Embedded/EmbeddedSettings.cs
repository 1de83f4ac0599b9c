using SparseGrid.Silo;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Embedded;

/// <summary>The grid that a command starts in its own process.</summary>
/// <param name="Folder">Where results, artifacts and checkpoints are kept; made where it is missing.</param>
/// <param name="Slots">Variants that run at once. Two share the processor and slow each other; 0 runs nothing.</param>
/// <param name="Device">cpu or cuda: what the spec computes on.</param>
/// <param name="Set">Settings of the grid as KEY=VALUE; null for none.</param>
public sealed record EmbeddedSettings(string Folder, int Slots, string Device = "cpu", IReadOnlyList<string>? Set = null)
{
    /// <summary>The same for the silo. Of a key that is set twice the last value counts.</summary>
    public EmbeddedOptions Options
    {
        get
        {
            var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Devices:Device"] = Device };
            foreach (var (key, value) in (Set ?? []).Select(GridSettings.Split))
                settings[key] = value;
            return new() { Folder = Folder, Slots = Slots, Settings = settings };
        }
    }
}
