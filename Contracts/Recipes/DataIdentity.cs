using SparseGrid.Contracts.Spec;

namespace SparseGrid.Contracts.Recipes;

/// <summary>Which data a variant saw: the digest of the files, and how they were read and split. Where the files lie is no part of it.</summary>
/// <param name="Format">How the files are read: digits-csv, idx, cifar10, cifar100, npz, csv.</param>
/// <param name="Digest">Merkle root over file names and content hashes, 64 hex digits.</param>
/// <param name="Validation">Images held out of training: a share of those that are no test images, or, from 2 on, their number.</param>
/// <param name="Test">Images held out for the final table: a share of all, or, from 2 on, their number; 0 where the data bring test images of their
/// own.</param>
/// <param name="SplitSeed">Decides which images are held out, class by class.</param>
/// <param name="Layout">What the spec says of files that do not say it themselves; null where it says nothing.</param>
/// <param name="Normalize">What is done to pixels from 0 to 1 before the network sees them; null where nothing is.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.data-identity")]
public sealed record DataIdentity(
    string Format, string Digest, double Validation, double Test, int SplitSeed, DataLayout? Layout = null, NormalizeSettings? Normalize = null);
