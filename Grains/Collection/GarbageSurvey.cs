using System.Collections.Immutable;

namespace SparseGrid.Grains.Collection;

/// <summary>What of a grid's folder is needed and what is not.</summary>
/// <param name="Needed">What the records need.</param>
/// <param name="Garbage">Files that can be deleted.</param>
/// <param name="Young">Files that nothing needs yet, or any more, but that are too young to be judged.</param>
/// <param name="Kept">Files that are needed.</param>
public sealed record GarbageSurvey(Reachability Needed, ImmutableArray<GridFile> Garbage, ImmutableArray<GridFile> Young, ImmutableArray<GridFile> Kept);
