using System.Collections.Immutable;
using System.Xml.Linq;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Results;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The test images that a variant classifies otherwise than its dense ancestor, as pictures: label, then dense → variant.</summary>
internal static class FlipsSection
{
    private const int MostShown = 32;

    /// <summary>The pictures; null for a dense variant.</summary>
    public static IEnumerable<XElement>? Of(TrialRow row, Func<string, FlippedImages?> read)
    {
        var test = row.Result!.Test;
        if (row.Result.Artifact("flips") is not { } artifact)
            return null;

        var all = test.Lost + test.Gained + test.OtherwiseWrong;
        var heading = new XElement("h4", "Changed predictions");
        var counts = new XElement("p", all == 0
            ? $"None: the same class as the dense ancestor's on all {test.Images} test images."
            : $"{all} of {Words.Count(test.Images, "test image")}: "
                + $"{test.Lost} lost (dense was right), {test.Gained} gained, {test.OtherwiseWrong} wrong both times, in different ways.");
        if (all == 0)
            return [heading, counts];
        if (read(artifact) is not { } flips)
            return [heading, counts, Tag("p", "quiet", $"Their pictures cannot be shown: artifact {artifact[..12]}… is not in the folder any more, or is damaged.")];

        return [heading, counts, .. Groups(flips), .. More(flips, artifact)];
    }

    private static IEnumerable<XElement> Groups(FlippedImages flips)
    {
        var shown = flips.Images.Take(Math.Min(MostShown, flips.Pictures)).Select((image, position) => (Image: image, Position: position)).ToImmutableArray();
        foreach (var (css, title, of) in new (string, string, Func<FlippedImage, bool>)[]
        {
            ("lost", "lost", image => image.Lost), ("gained", "gained", image => image.Gained), ("other", "wrong both times", image => !image.Lost && !image.Gained),
        })
        {
            var group = shown.Where(entry => of(entry.Image)).ToImmutableArray();
            if (!group.IsEmpty)
                yield return Tag("div", "flips " + css, Tag("h5", null, title), Tag("ul", null, group.Select(entry => Picture(flips, entry.Image, entry.Position))));
        }
    }

    private static XElement Picture(FlippedImages flips, FlippedImage image, int position)
    {
        var words = $"test image {image.Index}: labelled {image.Label}, dense says {image.Dense}, the variant {image.Variant}";
        return Tag(
            "li", null,
            new XElement(
                "img", new XAttribute("src", Thumbnail.Address(flips.Picture(position), flips.Channels, flips.Height, flips.Width)),
                new XAttribute("alt", words), new XAttribute("title", words), new XAttribute("loading", "lazy")),
            Tag("span", "label", $"{image.Label}"), Tag("span", "change", $"{image.Dense} → {image.Variant}"));
    }

    private static IEnumerable<XElement> More(FlippedImages flips, string artifact)
    {
        if (flips.Images.Length > MostShown || flips.Images.Length > flips.Pictures)
        {
            yield return Tag(
                "p", "quiet",
                $"The first {Math.Min(MostShown, flips.Pictures)} are shown; all {flips.Images.Length}, and the pictures of {flips.Pictures}, are in artifact {artifact[..12]}….");
        }
    }
}
