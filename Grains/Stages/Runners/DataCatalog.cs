using System.Collections.Concurrent;
using SparseGrid.Compression.Data;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>The data sets this silo has read, split and checked; each is kept for the stages to come.</summary>
public sealed class DataCatalog
{
    private readonly ConcurrentDictionary<DataIdentity, Lazy<DataSplits>> splits = new();

    /// <summary>What a spec's data are, from the files as they are now.</summary>
    /// <exception cref="InvalidDataException">The data are missing or damaged; names the file, the line and the rule.</exception>
    public static DataIdentity IdentityOf(DataSettings settings) =>
        new(settings.Format, DataDigest.Of(settings.Path), settings.Validation, settings.Test, settings.SplitSeed);

    /// <summary>The data set in its three parts.</summary>
    /// <exception cref="InvalidDataException">The data are missing, damaged, or not those that the recipe names.</exception>
    public DataSplits For(DataSettings settings, DataIdentity identity)
    {
        var here = IdentityOf(settings);
        if (here.Digest != identity.Digest)
        {
            throw new InvalidDataException(
                $"{settings.Path}: the data have changed: their digest is {here.Digest[..12]}…, the recipe names {identity.Digest[..12]}…. Restore the file, or submit the sweep again for the new data.");
        }

        // A failed read is not kept: the file may be mended while the silo runs.
        try
        {
            return splits.GetOrAdd(identity, key => new(() => DataSplits.Of(Read(settings), key.Validation, key.Test, key.SplitSeed))).Value;
        }
        catch
        {
            splits.TryRemove(identity, out _);
            throw;
        }
    }

    private static LabeledImages Read(DataSettings settings) => settings.Format switch
    {
        "digits-csv" => DigitsCsv.Read(settings.Path),
        _ => throw new InvalidDataException($"data.format is '{settings.Format}', which this silo cannot read; it reads digits-csv."),
    };
}
