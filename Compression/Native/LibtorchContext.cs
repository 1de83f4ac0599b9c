using System.Runtime.InteropServices;

namespace SparseGrid.Compression.Native;

/// <summary>Settings of libtorch's global context that TorchSharp does not offer, set through the library's own exported functions.</summary>
internal static unsafe class LibtorchContext
{
    /// <summary>Lets cuDNN use none but algorithms that give the same bits every time.</summary>
    /// <returns>False where this libtorch does not export the functions; the setting is then as it was.</returns>
    /// <remarks>at::globalContext() and at::Context::setDeterministicCuDNN(bool), by their names under the Itanium C++ ABI.</remarks>
    public static bool TrySetDeterministicCudnn()
    {
        if (!NativeLibrary.TryLoad("libtorch_cpu.so", out var library)
            || !NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out var globalContext)
            || !NativeLibrary.TryGetExport(library, "_ZN2at7Context21setDeterministicCuDNNEb", out var setDeterministic))
            return false;

        var context = ((delegate* unmanaged<nint>)globalContext)();
        ((delegate* unmanaged<nint, byte, void>)setDeterministic)(context, 1);
        return true;
    }
}
