using System.Runtime.InteropServices;

namespace SparseGrid.Compression.CudaInt8.Compilation;

/// <summary>Finds NVIDIA's run-time compiler: where the variable says, beside an installed PyTorch, or where the system's loader looks.</summary>
internal static class NvrtcLibrary
{
    /// <summary>Names libnvrtc.so.13 or its folder.</summary>
    public const string PathVariable = "Nvrtc__LibraryPath";

    private static readonly string[] Names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    /// <summary>Files to try, in order: full paths that exist, then bare names for the loader.</summary>
    /// <param name="named">A file or folder that the user names; null for none. Nothing else is tried then.</param>
    /// <param name="torch">The torch/lib folder of an installed PyTorch, whose wheels bring the compiler along; null for none.</param>
    public static IReadOnlyList<string> Candidates(string? named, string? torch)
    {
        if (!string.IsNullOrWhiteSpace(named))
            return File.Exists(named) ? [named] : [.. In(named)];

        var found = new List<string>();
        if (!string.IsNullOrWhiteSpace(torch))
        {
            found.AddRange(In(torch));
            var packages = Path.Combine(torch, "..", "..", "nvidia");
            if (Directory.Exists(packages))
                found.AddRange(Directory.EnumerateDirectories(packages).Order(StringComparer.Ordinal).Reverse().SelectMany(package => In(Path.Combine(package, "lib"))));
        }

        found.AddRange(In("/usr/local/cuda/lib64"));
        return [.. found, .. Names];
    }

    /// <summary>Loads the first that can be loaded.</summary>
    /// <exception cref="CudaException">None can; the message says where was looked.</exception>
    public static nint Load(IReadOnlyList<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            // It opens its built-in functions by name when it first compiles, and finds them if they are in the process already.
            if (Path.GetDirectoryName(candidate) is { Length: > 0 } folder)
            {
                foreach (var builtins in Directory.EnumerateFiles(folder, "libnvrtc-builtins.so*").Order(StringComparer.Ordinal))
                    _ = NativeLibrary.TryLoad(builtins, out _);
            }

            if (NativeLibrary.TryLoad(candidate, out var library))
                return library;
        }

        throw new CudaException(
            $"NVIDIA's run-time compiler (NVRTC) was not found; tried {(candidates.Count == 0 ? "nothing, since the place that is named holds none" : string.Join(", ", candidates))}. " +
            $"It comes with CUDA and with PyTorch's CUDA wheels: name the file libnvrtc.so.12 or .13, or its folder, in {PathVariable}, or PyTorch's torch/lib in {Native.TorchLibrary.PathVariable}.");
    }

    private static IEnumerable<string> In(string folder) => Names.Select(name => Path.Combine(folder, name)).Where(File.Exists).Take(1);
}
