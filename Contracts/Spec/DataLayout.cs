namespace SparseGrid.Contracts.Spec;

/// <summary>What a spec says of images whose files do not say it themselves; part of the recipe. What is null is the format's default.</summary>
/// <param name="Shape">Channels, rows and columns of one image: 1x28x28.</param>
/// <param name="Classes">Number of classes; null counts those that the labels name.</param>
/// <param name="PixelMax">Pixel value that becomes 1.</param>
/// <param name="Label">Where the label of a line stands: first or last.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.data-layout")]
public sealed record DataLayout(string? Shape = null, int? Classes = null, int? PixelMax = null, string? Label = null);
