using System.Text.Json.Serialization;

namespace SparseGrid.Compression.Analysis;

/// <summary>An image whose class quantization changes.</summary>
/// <param name="Image">Its file, below the folder given; or its number in the data.</param>
/// <param name="Label">Its class; null where it is not known.</param>
/// <param name="Before">The class that the dense network gives.</param>
/// <param name="After">The class that the INT8 file gives.</param>
/// <param name="MarginBefore">The dense network's score of Before minus its score of After; above 0.</param>
/// <param name="MarginAfter">The INT8 file's score of After minus its score of Before; above 0.</param>
public sealed record FlippedPicture(string Image, int? Label, int Before, int After, double MarginBefore, double MarginAfter)
{
    /// <summary>The picture as it is to look at, [C, H, W], 0 to 255; of the first few alone.</summary>
    [JsonIgnore]
    public FlippedPixels? Pixels { get; init; }
}
