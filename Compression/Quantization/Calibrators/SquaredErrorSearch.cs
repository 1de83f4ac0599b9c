using System.Runtime.Intrinsics;

namespace SparseGrid.Compression.Quantization.Calibrators;

/// <summary>The range with the smallest squared quantization error, each bin standing for its centre.</summary>
/// <remarks>
/// Definition (pytorch-quantization): for each bin i from the first candidate (128) on, a = its centre; cost = Σ count · (fake quantization of the centre with amax a − centre)².
/// The first
/// smallest cost wins. Centres are (k + ½) bins, so a level before rounding is (2k + 1)·max / (2i + 1): never halfway between two integers, and the choice
/// does not
/// depend on how ties round. pytorch-quantization sums in float32, here in float64.
/// </remarks>
public static class SquaredErrorSearch
{
    // Of an estimate, in parts of the histogram's energy Σ count · centre²: far above what its sums lose to rounding, far below the costs that matter.
    private const double Uncertainty = 1e-10;

    /// <summary>The chosen bin; amax is its centre.</summary>
    /// <param name="counts">Histogram of |x|, at least 2 bins.</param>
    /// <param name="maxLevel">The largest level: 127 for 8 signed bits, 255 for unsigned ones.</param>
    /// <param name="startBin">The first candidate, 1 to the number of bins − 1.</param>
    /// <param name="stride">How far the next one is, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The first candidate or the stride is outside its range.</exception>
    public static int Best(ReadOnlySpan<long> counts, int maxLevel, int startBin = RangeSearch.UsualStart, int stride = 1)
    {
        ActivationCalibrator.RequireCandidates(startBin, stride, counts.Length - 1);
        var estimates = Estimates(counts, maxLevel, startBin, stride);
        var promising = estimates.Min() + Uncertainty * Energy(counts);
        var (centres, weights) = FilledBins(counts);
        var (best, chosen) = (double.PositiveInfinity, startBin);
        for (var candidate = 0; candidate < estimates.Length; candidate++)
        {
            if (estimates[candidate] > promising)
                continue;
            var i = startBin + candidate * stride;
            var cost = Cost(centres, weights, i + 0.5, maxLevel, best);
            if (cost < best)
                (best, chosen) = (cost, i);
        }

        return chosen;
    }

    // The cost of every candidate but for rounding, from sums over the bins before each level's first one. With step s = a / max, level L begins at bin k(L), and C, X, XX are sums of counts,
    // counts · centre and counts · centre² over the bins before one: cost = XX(n) − 2s·(max·X(n) − Σ X(k(L))) + s²·(max²·C(n) − Σ (2L − 1)·C(k(L))), L from 1 to max. That is max
    // steps a candidate, however many bins there are.
    private static double[] Estimates(ReadOnlySpan<long> counts, int maxLevel, int startBin, int stride)
    {
        var bins = counts.Length;
        var (c, x) = (new double[bins + 1], new double[bins + 1]);
        for (var k = 0; k < bins; k++)
        {
            c[k + 1] = c[k] + counts[k];
            x[k + 1] = x[k] + counts[k] * (k + 0.5);
        }

        var energy = Energy(counts);
        var estimates = new double[(bins - 1 - startBin) / stride + 1];
        for (var candidate = 0; candidate < estimates.Length; candidate++)
        {
            var i = startBin + candidate * stride;
            var step = (i + 0.5) / maxLevel;
            // The centre k + ½ has level L or more from (L − ½)·step on, where none lies: k(L) is the next whole number.
            var (sumOfX, sumOfC) = (0.0, 0.0);
            for (var level = 1; level <= maxLevel; level++)
            {
                var first = (int)((level - 0.5) * step + 0.5);
                sumOfX += x[first];
                sumOfC += (2 * level - 1) * c[first];
            }

            estimates[candidate] = energy - 2 * step * (maxLevel * x[bins] - sumOfX) + step * step * ((double)maxLevel * maxLevel * c[bins] - sumOfC);
        }

        return estimates;
    }

    private static double Energy(ReadOnlySpan<long> counts)
    {
        var energy = 0.0;
        for (var k = 0; k < counts.Length; k++)
            energy += counts[k] * ((k + 0.5) * (k + 0.5));
        return energy;
    }

    // Costs only grow: once a part of it has reached the best, the whole of this one cannot be smaller.
    private static double Cost(Vector256<double>[] centres, Vector256<double>[] weights, double amax, int maxLevel, double best)
    {
        const int together = 32;
        var toLevel = Vector256.Create(maxLevel / amax);
        var toValue = Vector256.Create(amax / maxLevel);
        var highest = Vector256.Create((double)maxLevel);
        var cost = Vector256<double>.Zero;
        for (var at = 0; at < centres.Length; at++)
        {
            var level = Vector256.Min(Vector256.Round(centres[at] * toLevel), highest);
            var error = level * toValue - centres[at];
            cost += weights[at] * error * error;
            if (at % together == together - 1 && Vector256.Sum(cost) >= best)
                return double.PositiveInfinity;
        }

        return Vector256.Sum(cost);
    }

    // Vectors of a fixed width: the order of the additions, and so the sum, is the same on every processor. Empty bins cost nothing and are
    // left out; the last vector is filled up with weight 0.
    private static (Vector256<double>[] Centres, Vector256<double>[] Weights) FilledBins(ReadOnlySpan<long> counts)
    {
        var filled = new List<int>();
        for (var k = 0; k < counts.Length; k++)
        {
            if (counts[k] != 0)
                filled.Add(k);
        }

        var lanes = Vector256<double>.Count;
        var padded = (filled.Count + lanes - 1) / lanes * lanes;
        var (centres, weights) = (new double[padded], new double[padded]);
        for (var at = 0; at < filled.Count; at++)
            (centres[at], weights[at]) = (filled[at] + 0.5, counts[filled[at]]);

        Vector256<double>[] Packed(double[] values) => [.. Enumerable.Range(0, values.Length / lanes).Select(v => Vector256.Create(values, v * lanes))];
        return (Packed(centres), Packed(weights));
    }
}
