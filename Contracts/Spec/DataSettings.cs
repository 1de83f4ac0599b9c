namespace SparseGrid.Contracts.Spec;

/// <summary>Where the images are and how they are split.</summary>
/// <param name="Format">digits-csv: one image a line, 64 values 0 to 16 and the label last, plain or gzipped.</param>
/// <param name="Path">File or folder; a relative one is resolved against the spec file's folder when the spec is read.</param>
/// <param name="Validation">Share of the non-test images held out of training: above 0, below 1.</param>
/// <param name="Test">Share of all images kept for the final table: above 0, below 1.</param>
/// <param name="SplitSeed">Decides which images are held out; the same for all replicates.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.data")]
public sealed record DataSettings(string Format, string Path, double Validation = 0.15, double Test = 0.2, int SplitSeed = 0);
