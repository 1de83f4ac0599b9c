using System.Collections.Concurrent;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>The data sets this silo has read, split and checked; the last few are kept for the stages to come.</summary>
/// <param name="cache">Where named sets are looked for; <see cref="DataCache.Folder"/> unless given.</param>
public sealed class DataCatalog(string? cache = null)
{
    // More sets than that are seldom in use at once; what a stage has it keeps.
    private const int MostSets = 4;

    // The same files may be split in several ways: the splits share what was read once.
    private readonly ConcurrentDictionary<DataIdentity, Lazy<LabeledData>> sets = new();
    private readonly ConcurrentDictionary<DataIdentity, Lazy<DataSplits>> splits = new();

    /// <summary>What a spec's data are, from the files as they are now. Reads the files where their size or time has changed.</summary>
    /// <exception cref="InvalidDataException">The data are missing or damaged; names the file, the line and the rule.</exception>
    public DataIdentity IdentityOf(DataSettings settings)
    {
        var place = Place(settings);
        var digest = DataDigest.Of(place.Files);
        var test = settings.Test;
        if (place.Format.BringsTest is not false)
        {
            var own = place.Format.BringsTest is true || Whole(settings, place, digest).Test is not null;
            if (own && test > 0)
            {
                throw new InvalidDataException(
                    $"data.test is {test}, but {place.Files[0].Path} brings test images of its own, and all of them make the final table. Leave data.test out.");
            }

            test = own ? 0 : test > 0 ? test : DataSettings.UsualTest;
        }

        var normalize = settings.Normalize is { } asked ? Canonical(asked, Whole(settings, place, digest).Images.Shape) : null;
        return new(place.Format.Name, digest, settings.Validation, test, settings.SplitSeed, settings.Layout, normalize);
    }

    /// <summary>The data set in its three parts.</summary>
    /// <exception cref="InvalidDataException">The data are missing, damaged, or not those that the recipe names.</exception>
    public DataSplits For(DataSettings settings, DataIdentity identity)
    {
        var place = Place(settings);
        CheckDigest(place, identity);
        return Kept(splits, identity, key =>
        {
            var data = Whole(settings, place, key.Digest);
            var parts = data.Test is { } test
                ? DataSplits.Of(data.Images, test, key.Validation, key.SplitSeed)
                : DataSplits.Of(data.Images, key.Validation, key.Test, key.SplitSeed);
            return key.Normalize is { } numbers ? parts.With(Normalization.Parse(numbers.Mean, numbers.Std, parts.Train.Shape)) : parts;
        });
    }

    // Two ways to say one thing are one identity: the same number for every channel is one number, and what changes nothing is null.
    private static NormalizeSettings? Canonical(NormalizeSettings asked, ImageShape shape)
    {
        if (Normalization.Parse(asked.Mean, asked.Std, shape).ChangesNothing)
            return null;

        static string Once(string joined) => joined.Split(',') is var numbers && numbers.Distinct().Count() == 1 ? numbers[0] : joined;
        return new(Once(asked.Mean), Once(asked.Std));
    }

    private static void CheckDigest(DataPlace place, DataIdentity identity)
    {
        var digest = DataDigest.Of(place.Files);
        if (digest != identity.Digest)
        {
            throw new InvalidDataException(
                $"{place.Path}: the data have changed: their digest is {digest[..12]}…, the recipe names {identity.Digest[..12]}…. "
                + "Restore the files, or submit the sweep again for the new data.");
        }
    }

    private DataPlace Place(DataSettings settings) => DataPlace.Find(settings.Format, settings.Path, cache ?? DataCache.Folder);

    // Read, and still the same after it: what was read is then what the digest says.
    private LabeledData Whole(DataSettings settings, DataPlace place, string digest)
    {
        var set = new DataIdentity(place.Format.Name, digest, 0, 0, 0, settings.Layout);
        if (sets.Count >= MostSets && !sets.ContainsKey(set))
        {
            sets.Clear();
            splits.Clear();
        }

        return Kept(sets, set, key =>
        {
            var data = place.Read(LayoutOf(settings.Layout));
            CheckDigest(place, key);
            return data;
        });
    }

    // A failed read is not kept: the file may be mended while the silo runs.
    private static T Kept<T>(ConcurrentDictionary<DataIdentity, Lazy<T>> kept, DataIdentity key, Func<DataIdentity, T> make)
    {
        var entry = kept.GetOrAdd(key, identity => new(() => make(identity)));
        try
        {
            return entry.Value;
        }
        catch
        {
            kept.TryRemove(new(key, entry));
            throw;
        }
    }

    private static ImageLayout LayoutOf(DataLayout? layout) =>
        layout is null ? new() : new(ShapeOf(layout.Shape), layout.Classes, layout.PixelMax ?? 255, layout.Label == "first");

    private static ImageShape? ShapeOf(string? text) =>
        text?.Split('x') is { } sizes ? new ImageShape(int.Parse(sizes[0]), int.Parse(sizes[1]), int.Parse(sizes[2])) : null;
}
