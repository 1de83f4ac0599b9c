using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>One named array of a node.</summary>
/// <param name="Name">Full name, torchvision's where the network has a counterpart there.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Trained">True where an optimizer updates it; false for running statistics.</param>
public sealed record ParameterShape(string Name, ImmutableArray<long> Shape, bool Trained = true)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
