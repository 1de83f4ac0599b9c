using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>A data set that is known by name: how it is read, and where it is looked for.</summary>
/// <param name="Format">Name of the <see cref="DataFormat"/> that reads it.</param>
/// <param name="Classes">Number of classes, whatever the labels say.</param>
/// <param name="PackageFolder">Where a package of the operating system puts it; null where none is known.</param>
/// <param name="Package">The package's name.</param>
/// <param name="Downloads">The publisher's files; empty where none can be checked.</param>
public sealed record NamedSet(string Name, string Format, int Classes, string? PackageFolder, string? Package, ImmutableArray<RemoteFile> Downloads)
{
    private const string FashionMnistAddress = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
    private const string MnistAddress = "https://storage.googleapis.com/cvdf-datasets/mnist/";

    /// <summary>Every named set.</summary>
    public static ImmutableArray<NamedSet> All { get; } =
    [
        // Lengths and hashes of the publisher's files; their MD5 sums are those of its README. Debian's package holds the same images and labels, packed anew.
        new(
            "fashion-mnist", "idx", 10, "/usr/share/datasets/fashion-mnist", "dataset-fashion-mnist",
            [
                new(new(FashionMnistAddress + "train-images-idx3-ubyte.gz"), 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                new(new(FashionMnistAddress + "train-labels-idx1-ubyte.gz"), 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                new(new(FashionMnistAddress + "t10k-images-idx3-ubyte.gz"), 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                new(new(FashionMnistAddress + "t10k-labels-idx1-ubyte.gz"), 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
            ]),
        // Lengths and hashes of the files that the authors published, here from the CVDF mirror.
        new(
            "mnist", "idx", 10, null, null,
            [
                new(new(MnistAddress + "train-images-idx3-ubyte.gz"), 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                new(new(MnistAddress + "train-labels-idx1-ubyte.gz"), 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                new(new(MnistAddress + "t10k-images-idx3-ubyte.gz"), 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                new(new(MnistAddress + "t10k-labels-idx1-ubyte.gz"), 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
            ]),
        new("cifar10", "cifar10", 10, null, null, []),
        new("cifar100", "cifar100", 100, null, null, []),
    ];

    /// <summary>The set of that name; null where the name is that of a format.</summary>
    public static NamedSet? Of(string name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>Folders that are looked at, in this order.</summary>
    /// <param name="cache">See <see cref="DataCache"/>.</param>
    public ImmutableArray<string> Places(string cache) => PackageFolder is null ? [CacheFolder(cache)] : [PackageFolder, CacheFolder(cache)];

    /// <summary>Where a download goes.</summary>
    public string CacheFolder(string cache) => Path.Combine(cache, Name);

    /// <summary>The message where no place has all of the files: every place with what is missing there, and what can be done.</summary>
    /// <param name="download">Why a download failed; null where none was tried.</param>
    public string NotHere(string cache, string? download = null)
    {
        var format = DataFormat.Named(Format);
        var looked = Places(cache).Select(place => Directory.Exists(place)
            ? $"{place} (without {string.Join(", ", format.Missing(place))})"
            : $"{place} (no such folder)");
        var failed = download is null ? "" : $" The download failed: {download}";
        var install = Package is null ? "" : $"install the package (sudo apt install {Package}), ";
        return $"Data set {Name} is not on this machine: looked in {string.Join(" and ", looked)}.{failed} To get it, {install}"
            + $"put {string.Join(", ", format.FileNames)} (as they are or with .gz) into {CacheFolder(cache)}, or set data.path to the folder that has them.";
    }
}
