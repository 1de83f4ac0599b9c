namespace SparseGrid.Console.Embedded;

/// <summary>The grid that a command starts in its own process.</summary>
/// <param name="Folder">Where results, artifacts and checkpoints are kept; made where it is missing.</param>
/// <param name="Slots">Variants that run at once. Two share the processor and slow each other; 0 runs nothing.</param>
/// <param name="Device">cpu or cuda: what the spec computes on.</param>
public sealed record EmbeddedSettings(string Folder, int Slots, string Device = "cpu");
