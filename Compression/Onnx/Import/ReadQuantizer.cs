using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Stands among the layers, while a file is read, where the file rounds a tensor to levels.</summary>
/// <param name="ScaleName">The constant that holds the scale.</param>
internal sealed record ReadQuantizer(string Name, string From, string To, float Scale, bool Signed, string ScaleName) : Node(Name, [From], [To])
{
    public override string ToString() => $"'{Name}' ({(Signed ? "int8" : "uint8")}, scale {Scale})";
}
