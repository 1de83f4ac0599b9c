using System.Collections.Immutable;

namespace SparseGrid.Console.Reports.Plots;

/// <summary>Puts labels beside markers where there is room, one after the other; a label without room is left out.</summary>
internal static class LabelPlacement
{
    private const double LetterWidth = 7.3;
    private const double Height = 14;
    private const double Away = 11;

    /// <summary>The labels that have room, each with the box that is kept free for it, its width reckoned for a wide font.</summary>
    /// <param name="labels">Position of the marker and text, the most important first.</param>
    /// <param name="markers">All markers, which no label covers.</param>
    /// <param name="area">What labels stay within.</param>
    public static ImmutableArray<(int Label, Box Box)> Of(
        IReadOnlyList<(double X, double Y, string Text)> labels, IReadOnlyList<(double X, double Y)> markers, Box area)
    {
        var taken = markers.Select(marker => new Box(marker.X - 8, marker.Y - 8, marker.X + 8, marker.Y + 8)).ToList();
        var placed = ImmutableArray.CreateBuilder<(int, Box)>();
        for (var label = 0; label < labels.Count; label++)
        {
            var (x, y, text) = labels[label];
            var width = LetterWidth * text.Length;
            if (Candidates(x, y, width).FirstOrDefault(box => area.Holds(box) && !taken.Exists(box.Meets)) is not { } free)
                continue;
            taken.Add(free);
            placed.Add((label, free));
        }

        return placed.ToImmutable();
    }

    private static IEnumerable<Box> Candidates(double x, double y, double width) =>
        from corner in new (double Left, double Top)[]
        {
            (x + Away, y - Height / 2), (x - Away - width, y - Height / 2), (x - width / 2, y - Away - Height), (x - width / 2, y + Away),
            (x + Away - 3, y - Height - 3), (x + Away - 3, y + 3), (x - Away + 3 - width, y - Height - 3), (x - Away + 3 - width, y + 3),
        }
        select new Box(corner.Left, corner.Top, corner.Left + width, corner.Top + Height);

    /// <summary>A rectangle in the drawing, y downwards.</summary>
    internal sealed record Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Holds(Box other) => other.Left >= Left && other.Right <= Right && other.Top >= Top && other.Bottom <= Bottom;

        public bool Meets(Box other) => other.Left < Right && other.Right > Left && other.Top < Bottom && other.Bottom > Top;
    }
}
