using System.Diagnostics;

namespace SparseGrid.Compression.CudaInt8.Compilation;

/// <summary>Machine code of kernels, from the cache where it is there.</summary>
internal sealed class KernelCode(EngineCache cache, int architecture)
{
    private readonly Lazy<NvrtcCompiler> compiler = new(NvrtcCompiler.Find);

    /// <summary>CUDA version of the compiler.</summary>
    public Version CompilerVersion => compiler.Value.Version;

    /// <summary>Time that callers waited for code.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>Compiled code of a source.</summary>
    /// <exception cref="CudaException">There is no compiler, or the source has an error.</exception>
    public byte[] Of(string source) => Of([source])[0];

    /// <summary>Compiled code of several sources, in their order, made side by side.</summary>
    /// <inheritdoc cref="Of(string)"/>
    public byte[][] Of(IReadOnlyList<string> sources)
    {
        var since = Stopwatch.GetTimestamp();
        var code = new byte[sources.Count][];
        try
        {
            Parallel.For(0, sources.Count, i => code[i] = CachedOrCompiled(sources[i]));
        }
        catch (AggregateException e) when (e.InnerException is CudaException first)
        {
            throw new CudaException(first.Message, first.Code);
        }

        Spent += Stopwatch.GetElapsedTime(since);
        return code;
    }

    private byte[] CachedOrCompiled(string source)
    {
        var name = EngineCache.NameOf("cubin", [source, .. KernelSources.Headers.Values, .. compiler.Value.Options(architecture), $"{CompilerVersion}"]);
        if (cache.Read(name) is { } cached)
            return cached;

        var compiled = compiler.Value.Compile(source, KernelSources.Headers, architecture, out _);
        cache.Write(name, compiled);
        return compiled;
    }
}
