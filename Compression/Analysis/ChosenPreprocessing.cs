using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Images;

namespace SparseGrid.Compression.Analysis;

/// <summary>The preprocessing that options name.</summary>
internal static class ChosenPreprocessing
{
    /// <summary>The preset, with the options' own mean and deviation where they give them.</summary>
    /// <param name="usual">Where they name no preset.</param>
    /// <exception cref="InvalidDataException">A number cannot be used.</exception>
    public static PicturePreprocessing Of(QuickOptions options, ImageShape input, PicturePreprocessing usual)
    {
        var preset = options.Preprocess is { } name ? PicturePreprocessing.Named(name) : usual;
        if (options.Mean is null && options.Std is null)
            return preset;

        var mean = options.Mean is { } given ? Numbers("mean", given, input) : preset.Normalization.Mean;
        var std = options.Std is { } spread ? Numbers("std", spread, input) : preset.Normalization.Std;
        if (!std.All(number => number > 0))
            throw new InvalidDataException($"std is {options.Std}: pixels from 0 to 1 are divided by it, so each number is above 0.");
        return preset with { Name = $"{preset.Name} with mean {Words(mean)} and std {Words(std)}", Normalization = new Normalization(mean, std) };
    }

    private static ImmutableArray<float> Numbers(string option, string joined, ImageShape input)
    {
        var numbers = ImmutableArray.CreateBuilder<float>();
        foreach (var part in joined.Split(','))
        {
            if (!float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !float.IsFinite(number))
                throw new InvalidDataException($"{option} is {joined}: give a number, or one for each channel joined by commas, such as 0.485,0.456,0.406.");
            numbers.Add(number);
        }

        return numbers.Count == 1 || numbers.Count == input.Channels
            ? numbers.DrainToImmutable()
            : throw new InvalidDataException($"{option} is {joined}: that are {numbers.Count} numbers, and the network takes {input}. Give one for each of {input.Channels} channels, or one for all.");
    }

    private static string Words(ImmutableArray<float> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
