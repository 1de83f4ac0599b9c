namespace SparseGrid.Contracts.Spec;

/// <summary>Where the images are and how they are split.</summary>
/// <param name="Format">digits-csv, idx, npz, csv, or a named set: fashion-mnist, mnist, cifar10, cifar100.</param>
/// <param name="Path">File or folder; a relative one is resolved against the spec file's folder when the spec is read. Null for a named set that each silo
/// looks for at its known places.</param>
/// <param name="Validation">Images held out of training: a share of those that are no test images, or, from 2 on, their number.</param>
/// <param name="Test">Images kept for the final table: a share of all, or, from 2 on, their number. 0 leaves it to the data: their own test images, or
/// <see cref="UsualTest"/> where they bring none.</param>
/// <param name="SplitSeed">Decides which images are held out; the same for all replicates.</param>
/// <param name="Layout">What the files do not say themselves; null where the spec says nothing of it.</param>
/// <param name="Normalize">What is done to pixels from 0 to 1 before the network sees them; null where nothing is.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.data")]
public sealed record DataSettings(
    string Format, string? Path, double Validation = 0.15, double Test = DataSettings.UsualTest, int SplitSeed = 0, DataLayout? Layout = null,
    NormalizeSettings? Normalize = null)
{
    /// <summary>Share of all images kept for the final table unless the spec names another.</summary>
    public const double UsualTest = 0.2;
}
