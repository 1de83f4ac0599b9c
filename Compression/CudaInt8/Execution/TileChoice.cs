using System.Globalization;
using System.Text;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>The fastest tile of a layer in one form.</summary>
/// <param name="Tile">Its place in <see cref="Execution.Tile.All"/>.</param>
/// <param name="Splits">Blocks that share an output's products.</param>
/// <param name="Microseconds">What it took.</param>
internal sealed record TileChoice(int Tile, int Splits, double Microseconds)
{
    public Tile Chosen => Execution.Tile.All[Tile];

    public byte[] ToBytes() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Tile} {Splits} {Microseconds:F3}"));

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null where a file holds something else.</summary>
    public static TileChoice? Parse(byte[]? bytes) =>
        bytes is not null && Encoding.ASCII.GetString(bytes).Split(' ') is [var tile, var splits, var time]
        && int.TryParse(tile, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < Execution.Tile.All.Length
        && int.TryParse(splits, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 16
        && double.TryParse(time, CultureInfo.InvariantCulture, out var microseconds) && double.IsFinite(microseconds) && microseconds > 0
            ? new(index, count, microseconds)
            : null;
}
