using System.Numerics;

namespace SparseGrid.Compression.Pruning;

/// <summary>How a row-major weight lies in memory, and which matrix the masks see in it: rows along the input channels.</summary>
/// <param name="Outputs">K.</param>
/// <param name="Channels">C, the input channels of one group.</param>
/// <param name="Plane">Positions of the kernel: R·S.</param>
/// <param name="Shape">For messages: [K, C, R, S].</param>
/// <param name="OutputsFirst">The order of the matrix's rows: output by output for [K, C, R], position by position for [K, C, R, S], as apex lays them out. It matters
/// where blocks of rows are masked together.</param>
internal readonly record struct WeightLayout(int Outputs, int Channels, int Plane, string Shape, bool OutputsFirst)
{
    /// <summary>Rows of the matrix.</summary>
    public int Rows => Outputs * Plane;

    /// <summary>The layout of [C], which is one row, [K, C], [K, C, R] or [K, C, R, S].</summary>
    /// <exception cref="ArgumentException">The shape has another rank or does not fit the number of values.</exception>
    public static WeightLayout Of(int values, ReadOnlySpan<long> shape)
    {
        var text = $"[{string.Join(", ", shape.ToArray())}]";
        if (shape.Length is < 1 or > 4)
            throw new ArgumentException($"The weight has shape {text}: masks are defined for [C], [K, C], [K, C, R] and [K, C, R, S].", nameof(shape));

        long count = 1, plane = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            count *= shape[axis];
            plane *= axis < 2 ? 1 : shape[axis];
        }

        if (count != values)
            throw new ArgumentException($"The shape {text} holds {count} values, but {values} were given.", nameof(shape));
        return shape.Length == 1
            ? new(1, (int)shape[0], 1, text, OutputsFirst: false)
            : new((int)shape[0], (int)shape[1], (int)plane, text, OutputsFirst: shape.Length == 3);
    }

    /// <summary>Where the first channel of a row of the matrix lies; the next one lies <see cref="Plane"/> further.</summary>
    public int Row(int row)
    {
        var (output, position) = OutputsFirst ? (row / Plane, row % Plane) : (row % Outputs, row / Outputs);
        return output * Channels * Plane + position;
    }

    /// <summary>Refuses input channels that do not divide into groups.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void RequireGroupsOf(int size)
    {
        if (Channels % size != 0)
            throw new ArgumentException($"C is {Channels} in the weight {Shape}: groups of {size} need a multiple of {size}. Leave this layer dense.");
    }

    /// <summary>Refuses NaN and infinity.</summary>
    /// <exception cref="ArgumentException">A weight is not finite; says which.</exception>
    public void RequireFinite(ReadOnlySpan<float> weight)
    {
        var most = new Vector<float>(float.MaxValue);
        var start = 0;
        for (; start <= weight.Length - Vector<float>.Count; start += Vector<float>.Count)
        {
            if (!Vector.LessThanOrEqualAll(Vector.Abs(new Vector<float>(weight[start..])), most))
                break;
        }

        for (var index = start; index < weight.Length; index++)
            RequireFinite(weight[index], index);
    }

    /// <summary>Refuses one weight that is NaN or infinite.</summary>
    /// <param name="index">Where it lies.</param>
    /// <exception cref="ArgumentException">It is.</exception>
    public void RequireFinite(float value, int index)
    {
        if (float.IsFinite(value))
            return;
        throw new ArgumentException(
            $"The weight {Shape} is {value} at output channel {index / (Channels * Plane)}, input channel {index / Plane % Channels}, position {index % Plane}: "
            + "only finite weights can be pruned. Training has diverged; prune an earlier checkpoint.");
    }
}
