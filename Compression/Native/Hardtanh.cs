using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Native;

/// <summary>PyTorch's hardtanh, reached past TorchSharp 0.107, whose own method drops the result and leaks it.</summary>
internal static unsafe class Hardtanh
{
    private static readonly delegate* unmanaged<nint, nint, nint, nint> Call =
        (delegate* unmanaged<nint, nint, nint, nint>)TorchLibrary.FunctionOf("THSTensor_hardtanh");
    private static readonly delegate* unmanaged<double, nint> NewScalar =
        (delegate* unmanaged<double, nint>)TorchLibrary.FunctionOf("THSTorch_float64_to_scalar");
    private static readonly delegate* unmanaged<nint, void> FreeScalar =
        (delegate* unmanaged<nint, void>)TorchLibrary.FunctionOf("THSTorch_dispose_scalar");
    private static readonly delegate* unmanaged<nint> LastError =
        (delegate* unmanaged<nint>)TorchLibrary.FunctionOf("THSTorch_get_and_reset_last_err");

    /// <summary>x where it is within the bounds, else the nearer bound; a gradient passes strictly inside. NaN stays NaN.</summary>
    /// <returns>Of x's shape; the caller owns it.</returns>
    /// <exception cref="InvalidOperationException">libtorch refuses the call; says why.</exception>
    public static Tensor Of(Tensor x, double low, double high)
    {
        var (least, most) = (NewScalar(low), NewScalar(high));
        var result = Call(x.Handle, least, most);
        FreeScalar(least);
        FreeScalar(most);
        GC.KeepAlive(x);
        return result != 0
            ? Tensor.UnsafeCreateTensor(result)
            : throw new InvalidOperationException($"libtorch refuses hardtanh between {low} and {high}: {Marshal.PtrToStringUTF8(LastError())}");
    }
}
