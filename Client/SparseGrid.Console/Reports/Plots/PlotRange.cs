namespace SparseGrid.Console.Reports.Plots;

/// <summary>What an axis shows.</summary>
internal sealed record PlotRange(double From, double To)
{
    /// <summary>All values, and those of the bounds that do not push them together: within twice their span. A margin stays free on both sides.</summary>
    public static PlotRange Of(IEnumerable<double> values, IEnumerable<double> bounds, double margin, double least)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high)
            (low, high) = (0, 1);

        var span = Math.Max(high - low, least);
        foreach (var bound in bounds.Where(bound => bound >= low - 2 * span && bound <= high + 2 * span).ToArray())
            (low, high) = (Math.Min(low, bound), Math.Max(high, bound));
        var free = margin * Math.Max(high - low, least);
        return new(low - free, high + free);
    }

    /// <summary>True where the axis shows the value; false of NaN.</summary>
    public bool Holds(double value) => value >= From && value <= To;
}
