namespace SparseGrid.Contracts.Recipes;

/// <summary>Which data a variant saw: the digest of the files, and how they were split.</summary>
/// <param name="Format">How the files are read: digits-csv.</param>
/// <param name="Digest">Merkle root over relative paths and content hashes, 64 hex digits.</param>
/// <param name="Validation">Share of the images that are not test images held out of training, 0 to 1.</param>
/// <param name="Test">Share of all images held out for the final table, 0 to 1, where the data bring no test set of their own.</param>
/// <param name="SplitSeed">Decides which images are held out, class by class.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.data-identity")]
public sealed record DataIdentity(string Format, string Digest, double Validation, double Test, int SplitSeed);
