using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Onnx;

/// <summary>Reading of named arrays with the shape that the graph says.</summary>
internal static class NamedWeights
{
    /// <summary>The float array of that name.</summary>
    /// <exception cref="InvalidDataException">It is missing, of another type, or of another shape.</exception>
    public static HostArray Of(this IReadOnlyDictionary<string, HostArray> weights, string name, params ReadOnlySpan<long> shape)
    {
        if (!weights.TryGetValue(name, out var array))
            throw new InvalidDataException($"The weights lack '{name}', which the graph reads; were they saved from another network?");
        if (array.Type != ElementType.F32 || !array.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new InvalidDataException(
                $"Weight '{name}' is {array.Type} [{string.Join(", ", array.Shape)}], but the graph takes F32 [{string.Join(", ", shape.ToArray())}].");
        }

        return array;
    }

    /// <summary>The float array of that name, as the graph's parameter list describes it.</summary>
    /// <exception cref="InvalidDataException">It is missing, of another type, or of another shape.</exception>
    public static HostArray Of(this IReadOnlyDictionary<string, HostArray> weights, Graph.ParameterShape parameter) =>
        weights.Of(parameter.Name, parameter.Shape.AsSpan());
}
