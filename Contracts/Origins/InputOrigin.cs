namespace SparseGrid.Contracts.Origins;

/// <summary>One artifact that a stage takes.</summary>
/// <param name="Role">weights, masks, onnx …</param>
/// <param name="Hash">SHA-256 of its bytes; null while it is not made.</param>
/// <param name="MadeBy">The stage that makes it, as an index into <see cref="VariantOrigin.Stages"/>.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.input-origin")]
public sealed record InputOrigin(string Role, string? Hash, int MadeBy);
