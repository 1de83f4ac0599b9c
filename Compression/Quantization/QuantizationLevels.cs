namespace SparseGrid.Compression.Quantization;

/// <summary>The integers that quantized values may take, around zero point 0.</summary>
/// <param name="Min">The smallest level: −127 or −128 for 8 signed bits, 0 for unsigned ones.</param>
/// <param name="Max">The largest level, which amax maps to: 127 for 8 signed bits, 255 for unsigned ones.</param>
public readonly record struct QuantizationLevels(int Min, int Max)
{
    /// <summary>−128…127.</summary>
    public static QuantizationLevels Int8 { get; } = Of(8, signed: true, narrow: false);

    /// <summary>−127…127.</summary>
    public static QuantizationLevels NarrowInt8 { get; } = Of(8, signed: true, narrow: true);

    /// <summary>0…255.</summary>
    public static QuantizationLevels UInt8 { get; } = Of(8, signed: false, narrow: false);

    /// <summary>The levels of a bit width: max = 2^(bits − 1) − 1 signed, 2^bits − 1 unsigned; min = −max − 1, −max (narrow) or 0 (unsigned).</summary>
    /// <param name="bits">2 to 16.</param>
    /// <param name="narrow">Leaves out the smallest signed level, so that the rest lies evenly around 0; unsigned levels are the same either way.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bits"/> is outside 2..16.</exception>
    /// <remarks>pytorch-quantization, tensor_quant.</remarks>
    public static QuantizationLevels Of(int bits, bool signed, bool narrow)
    {
        if (bits is < 2 or > 16)
            throw new ArgumentOutOfRangeException(nameof(bits), bits, $"bits is {bits}: quantizers here have 2 to 16; the deployed files have 8.");

        var max = (1 << (signed ? bits - 1 : bits)) - 1;
        return new(!signed ? 0 : narrow ? -max : -max - 1, max);
    }
}
