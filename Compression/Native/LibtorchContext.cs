using System.Runtime.InteropServices;

namespace SparseGrid.Compression.Native;

/// <summary>Settings of libtorch's global context that TorchSharp does not offer, set through the library's own exported functions.</summary>
internal static unsafe class LibtorchContext
{
    private const string SetDeterministic = "_ZN2at7Context21setDeterministicCuDNNEb";
    private const string SetBenchmark = "_ZN2at7Context17setBenchmarkCuDNNEb";
    private const string SetOptimize = "_ZN5torch3jit24setGraphExecutorOptimizeEb";

    /// <summary>Lets cuDNN use none but algorithms that give the same bits every time.</summary>
    /// <returns>False where this libtorch does not export the functions; the setting is then as it was.</returns>
    /// <remarks>at::globalContext() and at::Context::setDeterministicCuDNN(bool), by their names under the Itanium C++ ABI.</remarks>
    public static bool TrySetDeterministicCudnn() => TrySet(SetDeterministic, true);

    /// <summary>Lets cuDNN time its algorithms and take the fastest, whatever its bits; undone when the result is disposed.</summary>
    /// <remarks>The setting is that of the whole process. Trainings, which need the other one, do not run beside a measurement.</remarks>
    public static IDisposable FastestCudnn()
    {
        var (benchmark, deterministic) = (Get("_ZNK2at7Context14benchmarkCuDNNEv"), Get("_ZNK2at7Context18deterministicCuDNNEv"));
        TrySet(SetBenchmark, true);
        TrySet(SetDeterministic, false);
        return new Undoing(() =>
        {
            TrySet(SetBenchmark, benchmark);
            TrySet(SetDeterministic, deterministic);
        });
    }

    /// <summary>Runs scripts as they are written on the calling thread: what would be fused has to be compiled on the way; undone when the result is disposed.</summary>
    public static IDisposable PlainScripts()
    {
        if (!NativeLibrary.TryLoad("libtorch_cpu.so", out var library) || !NativeLibrary.TryGetExport(library, SetOptimize, out var set))
            return new Undoing(() => { });

        ((delegate* unmanaged<byte, void>)set)(0);
        return new Undoing(() => ((delegate* unmanaged<byte, void>)set)(1));
    }

    private static bool TrySet(string function, bool value)
    {
        if (!TryFind(function, out var context, out var set))
            return false;

        ((delegate* unmanaged<nint, byte, void>)set)(context, value ? (byte)1 : (byte)0);
        return true;
    }

    private static bool Get(string function) => TryFind(function, out var context, out var get) && ((delegate* unmanaged<nint, byte>)get)(context) != 0;

    private static bool TryFind(string function, out nint context, out nint address)
    {
        (context, address) = (0, 0);
        if (!NativeLibrary.TryLoad("libtorch_cpu.so", out var library)
            || !NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out var globalContext)
            || !NativeLibrary.TryGetExport(library, function, out address))
            return false;

        context = ((delegate* unmanaged<nint>)globalContext)();
        return true;
    }

    private sealed class Undoing(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
