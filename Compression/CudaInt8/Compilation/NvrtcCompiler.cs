using System.Runtime.InteropServices;
using System.Text;

namespace SparseGrid.Compression.CudaInt8.Compilation;

/// <summary>Compiles CUDA C to machine code of one GPU generation. Safe for several threads at once.</summary>
/// <remarks>Functions are looked up in the library that was found; its name and place differ from machine to machine, so they cannot be declared imports.</remarks>
public sealed unsafe class NvrtcCompiler
{
    private const int InvalidOption = 5;
    private static readonly Lock Gate = new();
    private static NvrtcCompiler? shared;

    private readonly delegate* unmanaged<int, byte*> errorString;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> createProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> compileProgram;
    private readonly delegate* unmanaged<nint*, int> destroyProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> logSize, codeSize;
    private readonly delegate* unmanaged<nint, byte*, int> log, code;

    private NvrtcCompiler(nint library)
    {
        nint Of(string name) => NativeLibrary.TryGetExport(library, name, out var address)
            ? address
            : throw new CudaException($"The NVRTC that was found has no function {name}: it is older than CUDA 11.2. Name a newer one in {NvrtcLibrary.PathVariable}.");

        errorString = (delegate* unmanaged<int, byte*>)Of("nvrtcGetErrorString");
        createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Of("nvrtcCreateProgram");
        compileProgram = (delegate* unmanaged<nint, int, byte**, int>)Of("nvrtcCompileProgram");
        destroyProgram = (delegate* unmanaged<nint*, int>)Of("nvrtcDestroyProgram");
        logSize = (delegate* unmanaged<nint, nuint*, int>)Of("nvrtcGetProgramLogSize");
        log = (delegate* unmanaged<nint, byte*, int>)Of("nvrtcGetProgramLog");
        codeSize = (delegate* unmanaged<nint, nuint*, int>)Of("nvrtcGetCUBINSize");
        code = (delegate* unmanaged<nint, byte*, int>)Of("nvrtcGetCUBIN");
        int major, minor;
        Check(((delegate* unmanaged<int*, int*, int>)Of("nvrtcVersion"))(&major, &minor), "asking NVRTC for its version");
        Version = new(major, minor);
    }

    /// <summary>CUDA version of the compiler: 13.0.</summary>
    public Version Version { get; }

    /// <summary>The compiler of this machine.</summary>
    /// <exception cref="CudaException">None was found; the message says where was looked.</exception>
    public static NvrtcCompiler Find()
    {
        lock (Gate)
        {
            return shared ??= new(NvrtcLibrary.Load(NvrtcLibrary.Candidates(
                Environment.GetEnvironmentVariable(NvrtcLibrary.PathVariable), Environment.GetEnvironmentVariable(Native.TorchLibrary.PathVariable))));
        }
    }

    /// <summary>Compiles one source.</summary>
    /// <param name="source">CUDA C; it includes files of <paramref name="headers"/> only.</param>
    /// <param name="architecture">Compute capability: 90 for 9.0.</param>
    /// <param name="messages">What the compiler says beside the code: registers and spilling of each kernel.</param>
    /// <returns>The machine code (cubin).</returns>
    /// <exception cref="CudaException">The source has an error, or this compiler does not know the architecture; the message holds the compiler's.</exception>
    internal byte[] Compile(string source, IReadOnlyDictionary<string, string> headers, int architecture, out string messages)
    {
        using var text = new NativeTexts([source, "kernel.cu", .. headers.Keys, .. headers.Values, .. Options(architecture)]);
        nint program;
        Check(createProgram(&program, text.At(0), text.At(1), headers.Count, text.From(2 + headers.Count), text.From(2)), "creating a program");
        try
        {
            var result = compileProgram(program, Options(architecture).Length, text.From(2 + 2 * headers.Count));
            nuint size;
            Check(logSize(program, &size), "asking for messages");
            var bytes = new byte[size];
            fixed (byte* at = bytes)
                Check(log(program, at), "reading messages");
            messages = Encoding.UTF8.GetString(bytes).TrimEnd('\0', '\n');
            if (result != 0)
                throw new CudaException(
                    $"NVRTC {Version} failed compiling for compute capability {architecture / 10}.{architecture % 10}: {Name(result)} ({result}). {messages}"
                    + (result == InvalidOption ? $" It does not know GPUs of that generation: name a newer NVRTC in {NvrtcLibrary.PathVariable}." : ""), result);

            Check(codeSize(program, &size), "asking for machine code");
            var cubin = new byte[size];
            fixed (byte* at = cubin)
                Check(code(program, at), "reading machine code");
            return cubin;
        }
        finally
        {
            _ = destroyProgram(&program);
        }
    }

    /// <summary>No product and sum are contracted behind the source's back: where it wants fma, it says so, and the reference does the same. The instructions of warpgroups are of compute capability 9.0
    /// alone, not of later ones, which CUDA 12 calls 9.0a.</summary>
    internal string[] Options(int architecture) => [$"--gpu-architecture=sm_{architecture}{(architecture == 90 && Version.Major >= 12 ? "a" : "")}", "--std=c++17", "--fmad=false", "--ptxas-options=-v"];

    private void Check(int result, string doing)
    {
        if (result != 0)
            throw new CudaException($"NVRTC failed {doing}: {Name(result)} ({result}).", result);
    }

    private string Name(int result) => Marshal.PtrToStringUTF8((nint)errorString(result)) ?? "an unknown error";

    /// <summary>Strings with a zero behind each, in memory that does not move, and an array of their addresses.</summary>
    private sealed class NativeTexts : IDisposable
    {
        private readonly byte** addresses;
        private readonly int count;

        public NativeTexts(string[] texts)
        {
            count = texts.Length;
            addresses = (byte**)NativeMemory.Alloc((nuint)(count * sizeof(byte*)));
            for (var i = 0; i < count; i++)
                addresses[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        public byte* At(int i) => addresses[i];

        public byte** From(int i) => addresses + i;

        public void Dispose()
        {
            for (var i = 0; i < count; i++)
                Marshal.FreeCoTaskMem((nint)addresses[i]);
            NativeMemory.Free(addresses);
        }
    }
}
