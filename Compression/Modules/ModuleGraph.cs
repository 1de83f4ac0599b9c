using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>A chain of calibrated modules as a layer graph, which the exporter writes and the trainer runs.</summary>
/// <param name="Weights">The float parameters by name.</param>
/// <param name="Placement">A quantizer where a module quantizes its input, and the modules that quantize their weight.</param>
/// <param name="Rounding">The rounding rule of the quantizers.</param>
public sealed record ModuleGraph(
    LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights, QuantizerPlacement Placement, QuantizationRanges Ranges, RoundingRule Rounding)
{
    /// <summary>Follows a module, or the modules of a Sequential by their names: quantized convolutions, linear layers and pools, ReLU and Flatten.</summary>
    /// <param name="input">Shape of one image.</param>
    /// <exception cref="InvalidDataException">
    /// A module is of another kind, or a quantizer cannot be written to a file: no range, bits other than 8, a narrow signed range of an activation, more than
    /// one axis, or another axis than that of the output channels.
    /// </exception>
    public static ModuleGraph Of(nn.Module<Tensor, Tensor> module, ImageShape input) => new ModuleGraphReading(input).Read(module);

    /// <summary>The ONNX file of a calibrated module or Sequential; as <see cref="Of"/>.</summary>
    /// <param name="dialect">The form of the file; null for <see cref="Dialect.TensorRt"/>, which keeps biases in float.</param>
    /// <param name="options">Its rounding rule is replaced by that of the modules.</param>
    /// <inheritdoc cref="Of"/>
    public static byte[] Export(nn.Module<Tensor, Tensor> module, ImageShape input, ExportOptions options, Dialect? dialect = null)
    {
        var read = Of(module, input);
        return OnnxExporter.ExportQuantized(read.Graph, read.Weights, read.Placement, read.Ranges, dialect ?? Dialect.TensorRt, options with { Rounding = read.Rounding });
    }
}
