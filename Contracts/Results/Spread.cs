namespace SparseGrid.Contracts.Results;

/// <summary>Mean of a few values and how far they lie apart.</summary>
/// <param name="Deviation">Sample standard deviation (n − 1); NaN of a single value.</param>
public sealed record Spread(double Mean, double Deviation)
{
    /// <summary>Of the values; at least one.</summary>
    /// <exception cref="InvalidOperationException">There is no value.</exception>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return new(mean, values.Count < 2 ? double.NaN : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }
}
