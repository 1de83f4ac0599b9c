using System.Collections.Immutable;

namespace SparseGrid.Console.Reports;

/// <summary>One column: its heading and a cell for each row.</summary>
/// <param name="Left">True for words, which are aligned left; numbers are aligned right.</param>
public sealed record TextColumn(string Heading, ImmutableArray<string> Cells, bool Left = false)
{
    /// <summary>Columns of the widest of heading and cells.</summary>
    public int Width => Cells.Append(Heading).Max(cell => cell.Length);

    /// <summary>True where there is more than one row and all cells are the same.</summary>
    public bool IsConstant => Cells.Length > 1 && Cells.Distinct().Count() == 1;
}
