namespace SparseGrid.Contracts.Spec;

/// <summary>What is done to pixels from 0 to 1 before a network sees them: (x − mean) / std, channel by channel.</summary>
/// <param name="Mean">One number for all channels, or one for each, joined by commas: 0.485,0.456,0.406.</param>
/// <param name="Std">As the mean; above 0.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.normalize")]
public sealed record NormalizeSettings(string Mean, string Std);
