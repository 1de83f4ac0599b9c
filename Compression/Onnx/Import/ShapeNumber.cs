namespace SparseGrid.Compression.Onnx.Import;

/// <summary>A number that a file computes shapes with: a fixed one, or so many times the number of images.</summary>
internal readonly record struct ShapeNumber(long Value, bool OfBatch = false)
{
    public override string ToString() => OfBatch ? $"{Value}·N" : $"{Value}";
}
