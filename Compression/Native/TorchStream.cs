using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8.Driver;

namespace SparseGrid.Compression.Native;

/// <summary>A stream of ours as the one that libtorch enqueues on, for the calling thread.</summary>
/// <remarks>c10::cuda::getStreamFromExternal, getCurrentCUDAStream and setCurrentCUDAStream, by their names under the Itanium C++ ABI; TorchSharp offers none of them.</remarks>
internal sealed unsafe class TorchStream
{
    private static readonly Lazy<TorchStream?> Found = new(Find);

    private readonly delegate* unmanaged<nint, sbyte, Stream> external;
    private readonly delegate* unmanaged<sbyte, Stream> current;
    private readonly delegate* unmanaged<Stream, void> set;

    private TorchStream(nint external, nint current, nint set)
    {
        this.external = (delegate* unmanaged<nint, sbyte, Stream>)external;
        this.current = (delegate* unmanaged<sbyte, Stream>)current;
        this.set = (delegate* unmanaged<Stream, void>)set;
    }

    /// <summary>The functions; null where the libtorch that is loaded does not export them.</summary>
    public static TorchStream? Instance => Found.Value;

    /// <summary>Lets libtorch enqueue on a stream until the result is disposed.</summary>
    /// <param name="ordinal">The stream's GPU.</param>
    public Entered Enter(CudaStream stream, int ordinal)
    {
        var before = current((sbyte)ordinal);
        set(external(stream.Value, (sbyte)ordinal));
        return new(set, before);
    }

    private static TorchStream? Find() =>
        NativeLibrary.TryLoad("libc10_cuda.so", out var library)
        && NativeLibrary.TryGetExport(library, "_ZN3c104cuda21getStreamFromExternalEP11CUstream_sta", out var external)
        && NativeLibrary.TryGetExport(library, "_ZN3c104cuda20getCurrentCUDAStreamEa", out var current)
        && NativeLibrary.TryGetExport(library, "_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE", out var set)
            ? new(external, current, set)
            : null;

    /// <summary>c10::cuda::CUDAStream: device type and index, then the stream's number.</summary>
    internal readonly struct Stream
    {
#pragma warning disable CS0169, IDE0051 // Filled in and read by native code.
        private readonly long device;
        private readonly long id;
#pragma warning restore CS0169, IDE0051
    }

    /// <summary>A stream that is current; disposing it brings back the one before.</summary>
    internal readonly ref struct Entered(delegate* unmanaged<Stream, void> set, Stream before)
    {
        public void Dispose() => set(before);
    }
}
