using System.Collections.Immutable;

namespace SparseGrid.Contracts.Results;

/// <summary>The points that no other point beats: none has more of both values, or as much of one and more of the other.</summary>
public static class ParetoFront
{
    /// <summary>The points on the front, by <paramref name="x"/> from low to high. Of points alike in both values the first counts.</summary>
    /// <param name="x">More is better; for a value of which less is better give its negative.</param>
    /// <param name="y">More is better.</param>
    public static ImmutableArray<T> Of<T>(IEnumerable<T> points, Func<T, double> x, Func<T, double> y)
    {
        var front = new List<T>();
        var best = double.NegativeInfinity;
        foreach (var point in points.OrderByDescending(x).ThenByDescending(y).Where(point => y(point) > best || front.Count == 0))
        {
            best = y(point);
            front.Add(point);
        }

        front.Reverse();
        return [.. front];
    }
}
