using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Bundles;

/// <summary>What has to be done to an image before the network takes it; <c>preprocessing.json</c> of a bundle.</summary>
/// <param name="Input">Name of the file's input.</param>
/// <param name="Output">Name of its output: scores before any softmax, [N, classes].</param>
/// <param name="Layout">Always NCHW: images, channels, rows, columns.</param>
/// <param name="Type">Always float32.</param>
/// <param name="Channels">Order of the channels: grey, RGB, or as the data have it.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Scaling">What makes numbers of pixels, in words.</param>
/// <param name="PixelMax">Pixels are divided by it; null where that depends on their type.</param>
/// <param name="Range">Smallest and largest value after that.</param>
/// <param name="Mean">Subtracted then, channel by channel.</param>
/// <param name="Std">Divided by then, channel by channel.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Labels">Their names in the order of the scores; null where the data do not say them.</param>
public sealed record Preprocessing(
    string Input, string Output, string Layout, string Type, string Channels, int ChannelCount, int Height, int Width, string Scaling, double? PixelMax, ImmutableArray<double> Range,
    ImmutableArray<double> Mean, ImmutableArray<double> Std, int Classes, ImmutableArray<string>? Labels)
{
    /// <summary>What a sweep does to its images. Everything that a spec says of it is read here and nowhere else.</summary>
    /// <param name="set">The spec's name of the data, which may be a set whose classes have known names.</param>
    public static Preprocessing Of(DataIdentity data, string set, string input, string output, int channels, int height, int width, int classes) => new(
        input, output, "NCHW", "float32", Order(data.Format, channels), channels, height, width, ScalingOf(PixelMaxOf(data)), PixelMaxOf(data), [0, 1],
        Numbers(data.Normalize?.Mean ?? "0", channels), Numbers(data.Normalize?.Std ?? "1", channels), classes, LabelsOf(set, data.Format) is { Length: var names } labels && names == classes ? labels : null);

    // One number stands for every channel.
    private static ImmutableArray<double> Numbers(string joined, int channels) =>
        [.. (joined.Split(',') is [var one] ? Enumerable.Repeat(one, channels) : joined.Split(',')).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

    private static string Order(string format, int channels) => channels switch
    {
        1 => "grey",
        3 when format is "cifar10" or "cifar100" => "RGB",
        _ => "as in the data",
    };

    private static string ScalingOf(double? largest) => largest is { } max
        ? string.Create(CultureInfo.InvariantCulture, $"pixels from 0 to {max} are divided by {max}")
        : "8-bit pixels are divided by 255, floats are taken as they are";

    private static double? PixelMaxOf(DataIdentity data) => data.Format switch
    {
        "digits-csv" => 16,
        "csv" when data.Layout?.PixelMax is { } largest => largest,
        "npz" => null,
        _ => 255,
    };

    private static ImmutableArray<string>? LabelsOf(string set, string format) => (set, format) switch
    {
        ("fashion-mnist", _) => ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        ("mnist", _) or (_, "digits-csv") => [.. Enumerable.Range(0, 10).Select(digit => digit.ToString(CultureInfo.InvariantCulture))],
        (_, "cifar10") => ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        _ => null,
    };
}
