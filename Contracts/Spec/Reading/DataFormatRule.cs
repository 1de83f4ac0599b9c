using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>What one data format brings and what it takes from the spec.</summary>
/// <param name="Meaning">How its files are laid out, in a few words.</param>
/// <param name="TestImages">True where the data always bring test images of their own, false where they never do; null where it depends on the file.</param>
/// <param name="Named">True for a data set that is looked for at its known places where the spec has no path.</param>
/// <param name="Takes">Keys of the layout that it reads; any other is refused.</param>
internal sealed record DataFormatRule(string Name, string Meaning, bool? TestImages, bool Named = false, params ImmutableArray<string> Takes)
{
    /// <summary>Every format.</summary>
    public static ImmutableArray<DataFormatRule> All { get; } =
    [
        new("digits-csv", "an image a line, 64 values 0 to 16 and the label, plain or gzipped", TestImages: false),
        new("idx", "a folder with MNIST's four files", TestImages: true, Takes: ["classes"]),
        new("fashion-mnist", "", TestImages: true, Named: true),
        new("mnist", "", TestImages: true, Named: true),
        new("cifar10", "", TestImages: true, Named: true),
        new("cifar100", "", TestImages: true, Named: true),
        new("npz", "a NumPy archive", TestImages: null, Takes: ["shape", "classes"]),
        new("csv", "an image a line", TestImages: false, Takes: ["shape", "classes", "pixel_max", "label"]),
    ];

    /// <summary>Keys that describe the files.</summary>
    public static ImmutableArray<string> LayoutKeys { get; } = ["shape", "classes", "pixel_max", "label"];

    /// <summary>The rule of a format that the vocabulary knows.</summary>
    public static DataFormatRule Of(string name) => All.First(rule => rule.Name == name);
}
