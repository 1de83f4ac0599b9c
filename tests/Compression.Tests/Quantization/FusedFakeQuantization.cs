using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>PyTorch's own fake quantization operators, levels around zero point 0: what the rule <c>torch</c> is compared with.</summary>
/// <remarks>
/// TorchSharp 0.107 declares them but refuses to call them, so they are reached through scripts of a single operator. Not for training: the numbers that a
/// script is given may be freed by a collection before the call has read them (<see cref="Compression.Native.NativeScalar"/>).
/// </remarks>
internal static class FusedFakeQuantization
{
    private static readonly Lazy<jit.CompilationUnit> Operators = new(() => jit.compile(
        """
        def per_tensor(x: Tensor, scale: float, low: int, high: int) -> Tensor:
            return torch.fake_quantize_per_tensor_affine(x, scale, 0, low, high)
        def per_channel(x: Tensor, scale: Tensor, zero: Tensor, low: int, high: int) -> Tensor:
            return torch.fake_quantize_per_channel_affine(x, scale, zero, 0, low, high)

        """));

    /// <param name="scale">Units of x per level.</param>
    public static Tensor PerTensor(Tensor x, float scale, int min, int max) =>
        Operators.Value.invoke<Tensor>("per_tensor", x, (double)scale, (long)min, (long)max);

    /// <param name="scale">Float32 [K] for x [K, …], on its device.</param>
    public static Tensor PerChannel(Tensor x, Tensor scale, int min, int max)
    {
        using var zero = zeros(scale.shape, ScalarType.Int32, scale.device);
        return Operators.Value.invoke<Tensor>("per_channel", x, scale, zero, (long)min, (long)max);
    }
}
