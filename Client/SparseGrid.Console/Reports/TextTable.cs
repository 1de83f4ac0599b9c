using System.Collections.Immutable;

namespace SparseGrid.Console.Reports;

/// <summary>A table in plain text: a heading, a rule, a line for each row; two spaces between columns, none at the ends.</summary>
public static class TextTable
{
    /// <summary>Between two columns.</summary>
    internal const string Gap = "  ";

    /// <summary>The table's lines. All columns have as many cells; none is broken or cut.</summary>
    public static ImmutableArray<string> Lines(IReadOnlyList<TextColumn> columns) =>
    [
        Line(columns, column => column.Heading),
        string.Join(Gap, columns.Select(column => new string('─', column.Width))),
        .. Enumerable.Range(0, columns[0].Cells.Length).Select(row => Line(columns, column => column.Cells[row])),
    ];

    private static string Line(IReadOnlyList<TextColumn> columns, Func<TextColumn, string> cell) =>
        string.Join(Gap, columns.Select(column => column.Left ? cell(column).PadRight(column.Width) : cell(column).PadLeft(column.Width))).TrimEnd();
}
