using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>Which of a few magnitudes is the largest, the second, …: counted for many groups side by side, a group a lane.</summary>
internal static class MagnitudeRanks
{
    /// <summary>Groups of one call: a multiple of every vector's length.</summary>
    public const int Lanes = 64;

    /// <summary>The rank of each magnitude in its group: how many of the group are larger, or equal and before it. 0 is the first.</summary>
    /// <param name="magnitudes">Not NaN; slot s of the group in lane g stands at s·Lanes + g.</param>
    /// <param name="slots">Magnitudes of a group.</param>
    /// <param name="ranks">Laid out alike.</param>
    public static void Of(ReadOnlySpan<float> magnitudes, int slots, Span<int> ranks)
    {
        ranks[..(slots * Lanes)].Clear();
        for (var lane = 0; lane < Lanes; lane += Vector<float>.Count)
        {
            for (var slot = 0; slot < slots; slot++)
            {
                var own = new Vector<float>(magnitudes[(slot * Lanes + lane)..]);
                var rank = new Vector<int>(ranks[(slot * Lanes + lane)..]);
                for (var at = (slot + 1) * Lanes + lane; at < slots * Lanes; at += Lanes)
                {
                    var larger = Vector.GreaterThan(new Vector<float>(magnitudes[at..]), own);   // −1 where the later one is larger
                    rank -= larger;
                    (new Vector<int>(ranks[at..]) + Vector<int>.One + larger).CopyTo(ranks[at..]);
                }

                rank.CopyTo(ranks[(slot * Lanes + lane)..]);
            }
        }
    }
}
