namespace SparseGrid.Compression.Tests.Pruning;

/// <summary>A weight as the matrix that masks see, in 4x4 blocks: written from the definition, index by index.</summary>
internal static class Blocks
{
    /// <summary>Where row and column of the matrix lie in the row-major weight.</summary>
    public static (int Rows, int Columns, Func<int, int, int> At) Matrix(ReadOnlySpan<long> shape)
    {
        var sizes = Array.ConvertAll(shape.ToArray(), size => (int)size);
        switch (sizes)
        {
            case [var c]:
                return (1, c, (_, column) => column);
            case [var k, var c]:
                return (k, c, (row, column) => row * c + column);
            case [var k, var c, var r]:                       // rows (k, r)
                return (k * r, c, (row, column) => (row / r * c + column) * r + row % r);
            case [var k, var c, var r, var s]:                // rows (r, s, k)
                return (r * s * k, c, (row, column) => (row % k * c + column) * r * s + row / k);
            default:
                throw new ArgumentException($"no matrix for {sizes.Length} dimensions", nameof(shape));
        }
    }

    /// <summary>The indices of the 16 elements of every full block, row by row.</summary>
    public static IEnumerable<int[]> Of(long[] shape)
    {
        var (rows, columns, at) = Matrix(shape);
        for (var row = 0; row + 4 <= rows; row += 4)
        {
            for (var column = 0; column + 4 <= columns; column += 4)
                yield return [.. Enumerable.Range(0, 16).Select(element => at(row + element / 4, column + element % 4))];
        }
    }

    public static void RequireAtMostTwo(ReadOnlySpan<byte> mask, ReadOnlySpan<long> shape)
    {
        var kept = mask.ToArray();
        foreach (var block in Of(shape.ToArray()))
        {
            for (var line = 0; line < 4; line++)
            {
                Assert.True(Enumerable.Range(0, 4).Sum(i => kept[block[4 * line + i]]) <= 2, $"row {line} of a block holds more than two");
                Assert.True(Enumerable.Range(0, 4).Sum(i => kept[block[4 * i + line]]) <= 2, $"column {line} of a block holds more than two");
            }
        }
    }
}
