using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Native;

/// <summary>Numbers that native calls take by address, kept for good.</summary>
/// <remarks>
/// TorchSharp 0.107 turns a number argument into a native object that a finalizer frees, and does not keep it alive for the call: a collection on another thread may
/// free it before the call has read it (seen: a call refused a number that had been freed). Until it is freed it also lies between the large blocks of the native
/// heap, which cannot be used again as a whole: a quantization-aware ResNet-20 grew by 60 to 100 MB a step. So code that runs at every step passes a scalar that it
/// owns, from here or under <c>using</c>.
/// </remarks>
internal static class NativeScalar
{
    /// <summary>1: the factor that additions take.</summary>
    public static Scalar One { get; } = 1;

    /// <summary>The result of a call that takes a number, which lives as long as the call.</summary>
    public static Tensor With(double value, Func<Scalar, Tensor> call)
    {
        using Scalar scalar = value;
        return call(scalar);
    }

    /// <summary>The result of a call that takes two.</summary>
    public static Tensor With(double first, double second, Func<Scalar, Scalar, Tensor> call)
    {
        using Scalar one = first;
        using Scalar other = second;
        return call(one, other);
    }
}
