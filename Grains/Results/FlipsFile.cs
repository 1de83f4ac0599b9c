using System.Runtime.InteropServices;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Grains.Results;

/// <summary>
/// Flipped images as a safetensors file: <c>index</c>, <c>label</c>, <c>dense</c> and <c>variant</c>, I64 [n] each, in the order of
/// <see cref="FlippedImages"/>; <c>pixels</c>, U8 [m, C, H, W], of the first m. Equal images give equal bytes.
/// </summary>
public static class FlipsFile
{
    /// <summary>Most images whose pixels are kept: enough to look at, and a bound on what a bad variant stores.</summary>
    public const int MostPictures = 64;

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(FlippedImages flips) => SafeTensors.Write(new Dictionary<string, HostArray>
    {
        ["index"] = Column(flips, image => image.Index),
        ["label"] = Column(flips, image => image.Label),
        ["dense"] = Column(flips, image => image.Dense),
        ["variant"] = Column(flips, image => image.Variant),
        ["pixels"] = HostArray.Of(flips.Pixels.AsSpan(), flips.Pictures, flips.Channels, flips.Height, flips.Width),
    });

    /// <summary>The images of a file.</summary>
    /// <param name="source">What the bytes are, for messages.</param>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static FlippedImages Read(ReadOnlyMemory<byte> file, string source)
    {
        var arrays = SafeTensors.Read(file, source);
        if (!arrays.TryGetValue("pixels", out var pixels) || pixels is not { Type: ElementType.U8, Shape: [var pictures, var channels, var height, var width] })
            throw Broken(source, "it has no 8-bit pixels of four axes");

        var (index, label, dense, variant) = (Column("index"), Column("label"), Column("dense"), Column("variant"));
        if (label.Length != index.Length || dense.Length != index.Length || variant.Length != index.Length || pictures > index.Length)
            throw Broken(source, $"it has {index.Length} indexes, {label.Length} labels, {dense.Length} and {variant.Length} predictions and {pictures} pictures");

        var images = Enumerable.Range(0, index.Length).Select(i => new FlippedImage((int)index[i], (int)label[i], (int)dense[i], (int)variant[i]));
        return new([.. images], (int)channels, (int)height, (int)width, ImmutableCollectionsMarshal.AsImmutableArray(pixels.Bytes.ToArray()));

        long[] Column(string name) => arrays.TryGetValue(name, out var array) && array is { Type: ElementType.I64, Shape.Length: 1 }
            ? array.Longs.ToArray()
            : throw Broken(source, $"it has no list '{name}' of 64-bit integers");
    }

    private static HostArray Column(FlippedImages flips, Func<FlippedImage, long> value) => HostArray.Of([.. flips.Images.Select(value)], flips.Images.Length);

    private static InvalidDataException Broken(string source, string why) =>
        new($"{source} does not hold flipped images: {why}. Delete it, and the stage compare makes it again.");
}
