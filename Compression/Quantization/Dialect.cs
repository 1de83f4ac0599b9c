using System.Collections.Immutable;

namespace SparseGrid.Compression.Quantization;

/// <summary>The form of a quantized network for one runtime: what is quantized, with which sign, and how the file stores it.</summary>
/// <param name="Name">Its name in specs and recipes.</param>
/// <param name="UnsignedAfterRelu">Tensors that cannot be negative are uint8 with zero point 0 and scale amax / 255; else all are int8 with amax / 127.</param>
/// <param name="QuantizeBothAddOperands">Both operands of a residual add are quantized; else only the identity, so that the runtime fuses conv + add +
/// ReLU.</param>
/// <param name="QuantizePoolOutput">The output of a global average pool is quantized as well as its input, so that the pool runs in integers.</param>
/// <param name="QuantizeBeforeMaxPool">The input of a max pool is quantized in place of its output (the result is the same), so that the kernel before it
/// writes integers.</param>
/// <param name="IntegerBias">Biases are int32 at scale input·weight with a DequantizeLinear; else they stay float32.</param>
/// <remarks>
/// ONNX Runtime's CPU kernels are 3.4 times FP32 with unsigned activations after ReLU and 1.2 times with signed ones; TensorRT takes signed
/// symmetric ones only. The scales differ, so these are different quantizations with their own accuracy.
/// </remarks>
public sealed record Dialect(string Name, bool UnsignedAfterRelu, bool QuantizeBothAddOperands, bool QuantizePoolOutput, bool QuantizeBeforeMaxPool, bool IntegerBias)
{
    /// <summary>For ONNX Runtime on x64 processors.</summary>
    public static Dialect Ort { get; } = new("ort", UnsignedAfterRelu: true, QuantizeBothAddOperands: true, QuantizePoolOutput: true, QuantizeBeforeMaxPool: true, IntegerBias: true);

    /// <summary>For TensorRT: signed and symmetric, a quantizer on the identity branch of residual adds.</summary>
    public static Dialect TensorRt { get; } = new("tensorrt", UnsignedAfterRelu: false, QuantizeBothAddOperands: false, QuantizePoolOutput: false, QuantizeBeforeMaxPool: false, IntegerBias: false);

    /// <summary>For this project's own GPU engine: signed and symmetric, all of a residual block in integers.</summary>
    public static Dialect CudaInt8 { get; } = new("cuda-int8", UnsignedAfterRelu: false, QuantizeBothAddOperands: false, QuantizePoolOutput: true, QuantizeBeforeMaxPool: true, IntegerBias: true);

    /// <summary>Every preset.</summary>
    public static ImmutableArray<Dialect> All { get; } = [Ort, TensorRt, CudaInt8];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Dialect Named(string name) =>
        All.FirstOrDefault(dialect => dialect.Name == name)
        ?? throw new ArgumentException($"dialect '{name}' is unknown; known are {string.Join(", ", All.Select(dialect => dialect.Name))}.", nameof(name));
}
