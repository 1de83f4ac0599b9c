using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>The magnitudes of a matrix [rows, C] column by column: what a search for a channel permutation reads.</summary>
/// <remarks>Each column is filled up with zeros to a whole number of vectors; zeros add nothing to any sum.</remarks>
public sealed class ColumnMagnitudes
{
    internal const int Lanes = 16;                            // floats of one vector; the same on every processor, so that sums are too

    private readonly float[] values;

    private ColumnMagnitudes(int rows, int columns)
    {
        (Rows, Columns, Stride) = (rows, columns, (rows + Lanes - 1) / Lanes * Lanes);
        if ((long)Stride * columns > Array.MaxLength)
            throw new ArgumentException($"The matrix [{rows}, {columns}] is too large for one search; leave some of its layers out.", nameof(rows));
        values = new float[Stride * columns];
    }

    /// <summary>Number of rows: output channels times kernel positions of all layers that share the permutation.</summary>
    public int Rows { get; }

    /// <summary>Number of columns C: input channels.</summary>
    public int Columns { get; }

    /// <summary>Sum of all magnitudes, in float64.</summary>
    public double Total
    {
        get
        {
            var total = 0.0;
            foreach (var value in values)
                total += value;
            return total;
        }
    }

    /// <summary>The largest magnitude.</summary>
    public float Largest => values.Length == 0 ? 0 : values.Max();

    internal int Stride { get; }

    /// <summary>The magnitudes of a matrix.</summary>
    /// <param name="matrix">Row-major [rows, columns].</param>
    /// <exception cref="ArgumentException">The values are no whole number of rows, or one is NaN or infinite.</exception>
    public static ColumnMagnitudes Of(ReadOnlySpan<float> matrix, int columns)
    {
        if (columns < 1 || matrix.Length % columns != 0)
            throw new ArgumentException($"{matrix.Length} values are no whole number of rows of {columns} columns.", nameof(matrix));

        var magnitudes = new ColumnMagnitudes(matrix.Length / columns, columns);
        for (var at = 0; at < matrix.Length; at++)
        {
            if (!float.IsFinite(matrix[at]))
            {
                throw new ArgumentException(
                    $"The matrix is {matrix[at]} at row {at / columns}, column {at % columns}: only finite weights can be compared.", nameof(matrix));
            }

            magnitudes.Column(at % columns)[at / columns] = MathF.Abs(matrix[at]);
        }

        return magnitudes;
    }

    /// <summary>Sum over the rows of the two largest of four columns, in float64.</summary>
    public double Kept(int a, int b, int c, int d)
    {
        var sums = Vector512<double>.Zero;
        ref var first = ref MemoryMarshal.GetArrayDataReference(values);
        for (var row = 0; row < Stride; row += Lanes / 2)
        {
            var (x, y) = (Wide(ref first, a * Stride + row), Wide(ref first, b * Stride + row));
            var (z, w) = (Wide(ref first, c * Stride + row), Wide(ref first, d * Stride + row));
            var across = Vector512.MaxNative(x, y) + Vector512.MaxNative(z, w);
            sums += Vector512.MaxNative(Vector512.MaxNative(x + y, z + w), across);
        }

        return InOrder(sums);
    }

    /// <summary>The magnitude that 2:4 pruning keeps with the columns in that order, in float64.</summary>
    public double Kept(ReadOnlySpan<int> order)
    {
        var kept = 0.0;
        for (var at = 0; at < order.Length; at += 4)
            kept += Kept(order[at], order[at + 1], order[at + 2], order[at + 3]);
        return kept;
    }

    /// <summary>What pruning half of each row without any structure keeps: no permutation reaches beyond it.</summary>
    /// <returns>As <see cref="KeptMagnitude.OfRows"/>.</returns>
    public double KeptByRows()
    {
        var kept = 0.0;
        var rows = new float[Lanes * Columns];                // some rows at a time: a column's values lie side by side
        for (var first = 0; first < Rows; first += Lanes)
        {
            var count = Math.Min(Lanes, Rows - first);
            for (var column = 0; column < Columns; column++)
            {
                var values = Column(column).Slice(first, count);
                for (var row = 0; row < count; row++)
                    rows[row * Columns + column] = values[row];
            }

            for (var row = 0; row < count; row++)
                kept += KeptMagnitude.LargestOf(rows.AsSpan(row * Columns, Columns), 0.5);
        }

        return kept;
    }

    /// <summary>The lanes added one after the other: Vector512.Sum leaves the order to the processor.</summary>
    internal static double InOrder(Vector512<double> lanes)
    {
        var sum = 0.0;
        for (var lane = 0; lane < Vector512<double>.Count; lane++)
            sum += lanes[lane];
        return sum;
    }

    /// <summary>Eight floats as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> Wide(ref float first, int at)
    {
        var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref first, (nuint)at));
        return Vector512.Create(lower, upper);
    }

    /// <summary>The rows of several matrices one below the other.</summary>
    internal static ColumnMagnitudes Stack(IReadOnlyList<ColumnMagnitudes> parts)
    {
        if (parts.Count == 1)
            return parts[0];

        var stacked = new ColumnMagnitudes(parts.Sum(part => part.Rows), parts[0].Columns);
        for (var column = 0; column < stacked.Columns; column++)
        {
            var to = stacked.Column(column);
            foreach (var part in parts)
            {
                part.Column(column).CopyTo(to);
                to = to[part.Rows..];
            }
        }

        return stacked;
    }

    /// <summary>The magnitudes of a weight [K, C], [K, C, R] or [K, C, R, S] as ⌈C / columns⌉·K·R·S rows: 2:4 groups run along C.</summary>
    /// <param name="columns">C, or a divisor of it where one order is repeated along C.</param>
    internal static ColumnMagnitudes OfWeight(string name, HostArray weight, int columns)
    {
        var (outputs, channels) = ((int)weight.Shape[0], (int)weight.Shape[1]);
        var plane = (int)weight.Shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        var magnitudes = new ColumnMagnitudes(outputs * plane * (channels / columns), columns);
        var values = weight.Floats;
        for (var k = 0; k < outputs; k++)
        {
            for (var c = 0; c < channels; c++)
            {
                var from = values.Slice((k * channels + c) * plane, plane);
                var to = magnitudes.Column(c % columns).Slice((c / columns * outputs + k) * plane, plane);
                for (var position = 0; position < plane; position++)
                {
                    if (!float.IsFinite(from[position]))
                    {
                        throw new ArgumentException(
                            $"'{name}' [{string.Join(", ", weight.Shape)}] is {from[position]} at output channel {k}, input channel {c}, position {position}: only finite "
                            + "weights can be permuted for pruning. Training has diverged; take an earlier checkpoint.", nameof(weight));
                    }

                    to[position] = MathF.Abs(from[position]);
                }
            }
        }

        return magnitudes;
    }

    /// <summary>One column, the padding left out.</summary>
    internal Span<float> Column(int column) => values.AsSpan(column * Stride, Rows);

    internal ref float First => ref MemoryMarshal.GetArrayDataReference(values);
}
