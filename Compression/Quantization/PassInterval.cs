namespace SparseGrid.Compression.Quantization;

/// <summary>The inputs at which a gradient passes, as one closed interval.</summary>
/// <remarks>By the rules <c>torch</c> and <c>onnx</c> those whose rounded level needs no clamping: the level is a monotone function of the input, so the interval decides the
/// same as looking at each level, to the last bit, and turns the gradient rule into one native clamp.</remarks>
internal readonly record struct PassInterval(float Low, float High);
