using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Stages.Runners;

namespace SparseGrid.Grains.Tests.Stages;

public sealed class DataCatalogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-catalog-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_same_data_have_one_identity_however_they_are_packed_and_wherever_they_lie()
    {
        var catalog = new DataCatalog(Path.Combine(folder, "cache"));
        var plain = catalog.IdentityOf(new("idx", Idx("plain"), Validation: 20, Test: 0));
        var packed = catalog.IdentityOf(new("idx", Idx("packed", gzipped: true), Validation: 20, Test: 0));
        Idx("cache/mnist");
        var named = catalog.IdentityOf(new("mnist", null, Validation: 20, Test: 0));

        Assert.Equal(plain, packed);
        Assert.Equal(plain, named);
        Assert.Equal(("idx", 20.0, 0.0), (plain.Format, plain.Validation, plain.Test));
        Assert.DoesNotContain(folder, CanonicalJson.Text(plain));
    }

    [Fact]
    public void The_sets_own_test_images_are_the_test_split()
    {
        var (catalog, settings) = (new DataCatalog(), new DataSettings("idx", Idx("set"), Validation: 20, Test: 0));
        var splits = catalog.For(settings, catalog.IdentityOf(settings));

        Assert.Equal((80, 20, 30), (splits.Train.Count, splits.Validation.Count, splits.Test.Count));
    }

    [Fact]
    public void Normalized_images_are_of_another_identity_and_what_changes_nothing_is_of_the_same()
    {
        var (catalog, settings) = (new DataCatalog(), new DataSettings("idx", Idx("set"), Validation: 20, Test: 0));
        var plain = catalog.IdentityOf(settings);
        var normalized = catalog.IdentityOf(settings with { Normalize = new("0.5", "0.25") });

        Assert.Null(plain.Normalize);
        Assert.Equal(plain, catalog.IdentityOf(settings with { Normalize = new("0", "1") }));
        Assert.Equal(plain with { Normalize = new("0.5", "0.25") }, normalized);
        var images = (Plain: catalog.For(settings, plain).Validation, Normalized: catalog.For(settings, normalized).Validation);
        Assert.Equal(images.Plain.Pixels(0, 2).Select(pixel => (pixel - 0.5f) / 0.25f), images.Normalized.Pixels(0, 2));
        Assert.StartsWith(
            "data.normalize.mean has 3 numbers, but the images are 1x",
            Assert.Throws<InvalidDataException>(() => catalog.IdentityOf(settings with { Normalize = new("0.1,0.2,0.3", "1") })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_with_test_images_refuses_data_test_and_one_without_takes_the_usual_share()
    {
        var catalog = new DataCatalog();
        var with = Npz("with.npz", "x_train", "y_train", "x_test", "y_test");
        var without = Npz("without.npz", "x", "y");

        Assert.Equal(0, catalog.IdentityOf(new("npz", with, Test: 0)).Test);
        Assert.Equal(DataSettings.UsualTest, catalog.IdentityOf(new("npz", without, Test: 0)).Test);
        Assert.Equal(10, catalog.IdentityOf(new("npz", without, Test: 10)).Test);
        Assert.Equal(
            $"data.test is 0.3, but {with} brings test images of its own, and all of them make the final table. Leave data.test out.",
            Assert.Throws<InvalidDataException>(() => catalog.IdentityOf(new("npz", with, Test: 0.3))).Message);
    }

    [Fact]
    public void Data_that_have_changed_are_refused_for_a_recipe_and_have_another_identity()
    {
        var (catalog, settings) = (new DataCatalog(), new DataSettings("idx", Idx("set"), Validation: 20, Test: 0));
        var before = catalog.IdentityOf(settings);
        catalog.For(settings, before);
        Idx("set", shift: 1);
        File.SetLastWriteTimeUtc(Path.Combine(settings.Path!, "train-images-idx3-ubyte"), DateTime.UtcNow.AddSeconds(5)); // A clock of files may be coarse.

        var after = catalog.IdentityOf(settings);
        Assert.NotEqual(before.Digest, after.Digest);
        Assert.Equal(
            $"{settings.Path}: the data have changed: their digest is {after.Digest[..12]}…, the recipe names {before.Digest[..12]}…. "
            + "Restore the files, or submit the sweep again for the new data.",
            Assert.Throws<InvalidDataException>(() => catalog.For(settings, before)).Message);
        Assert.Equal(20, catalog.For(settings, after).Validation.Count);
    }

    [Fact]
    public void What_a_spec_says_of_the_files_is_part_of_the_identity()
    {
        var catalog = new DataCatalog();
        var file = Path.Combine(folder, "a.csv");
        File.WriteAllLines(file, Enumerable.Range(0, 40).Select(i => $"{i % 2},{i},{i},{i},{i % 2}"));
        DataSettings With(DataLayout layout) => new("csv", file, Layout: layout);

        var identities = new[] { new DataLayout("1x2x2"), new("1x4x1"), new("1x2x2", Classes: 3), new("1x2x2", PixelMax: 100), new("1x2x2", Label: "first") }
            .Select(layout => catalog.IdentityOf(With(layout))).ToArray();

        Assert.Equal(5, identities.Distinct().Count());
        Assert.Equal(3, catalog.For(With(new("1x2x2", Classes: 3)), identities[2]).Train.Classes);
        Assert.Equal(new(1, 4, 1), catalog.For(With(new("1x4x1")), identities[1]).Train.Shape);
    }

    [Fact]
    public void A_file_that_was_mended_is_read_again()
    {
        var (catalog, settings) = (new DataCatalog(), new DataSettings("idx", Idx("set"), Validation: 20, Test: 0));
        var labels = Path.Combine(settings.Path!, "train-labels-idx1-ubyte");
        var whole = File.ReadAllBytes(labels);
        File.WriteAllBytes(labels, whole[..^1]);
        Assert.Throws<InvalidDataException>(() => catalog.For(settings, catalog.IdentityOf(settings)));

        File.WriteAllBytes(labels, whole);
        Assert.Equal(20, catalog.For(settings, catalog.IdentityOf(settings)).Validation.Count);
    }

    [Fact]
    public void Every_format_that_a_spec_may_name_is_looked_for()
    {
        var names = JsonNode.Parse(SpecSchema.Text)!["properties"]!["data"]!["properties"]!["format"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>()).ToArray();
        Assert.True(names.Length >= 8);
        foreach (var name in names)
        {
            var fault = Assert.Throws<InvalidDataException>(() => new DataCatalog(folder).IdentityOf(new(name, Path.Combine(folder, "none"))));
            Assert.StartsWith($"{Path.Combine(folder, "none")}: the data f", fault.Message);
        }
    }

    /// <summary>100 training and 30 test images of 2x3, ten classes.</summary>
    private string Idx(string name, bool gzipped = false, int shift = 0)
    {
        var into = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        foreach (var (part, count) in new[] { ("train", 100), ("t10k", 30) })
        {
            Put($"{part}-images-idx3-ubyte", [0, 0, 8, 3, .. Big(count), .. Big(2), .. Big(3), .. Enumerable.Range(0, count * 6).Select(i => (byte)(i + shift))]);
            Put($"{part}-labels-idx1-ubyte", [0, 0, 8, 1, .. Big(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);
        }

        return into;

        void Put(string file, byte[] bytes)
        {
            using Stream stream = File.Create(Path.Combine(into, file + (gzipped ? ".gz" : "")));
            using var content = gzipped ? new GZipStream(stream, CompressionLevel.Fastest) : stream;
            content.Write(bytes);
        }
    }

    /// <summary>Pairs of 40 images of 2x3 and their labels.</summary>
    private string Npz(string name, params string[] arrays)
    {
        var file = Path.Combine(folder, name);
        using var archive = new ZipArchive(File.Create(file), ZipArchiveMode.Create);
        foreach (var array in arrays)
        {
            var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({(array[0] == 'x' ? "40, 2, 3" : "40,")}), }}\n";
            var values = Enumerable.Range(0, array[0] == 'x' ? 240 : 40).Select(i => (byte)(array[0] == 'x' ? i : i % 4));
            using var entry = archive.CreateEntry(array + ".npy").Open();
            entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header.Select(letter => (byte)letter), .. values]);
        }

        return file;
    }

    private static byte[] Big(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
