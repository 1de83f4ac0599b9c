using System.Reflection;

namespace SparseGrid.Compression.CudaInt8.Compilation;

/// <summary>The CUDA C files that are embedded in this assembly, by name.</summary>
internal static class KernelSources
{
    private const string Prefix = "SparseGrid.Compression.CudaInt8.Kernels.";

    /// <summary>common.cuh and the others with their text.</summary>
    public static IReadOnlyDictionary<string, string> Headers { get; } = Read();

    /// <summary>A source of these files, the common ones first, and one line that makes a kernel of their templates.</summary>
    public static string Of(string[] files, string kernel) => string.Concat(files.Prepend("common.cuh").Prepend("instructions.cuh").Select(file => $"#include \"{file}\"\n")) + kernel + "\n";

    private static SortedDictionary<string, string> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            files[name[Prefix.Length..]] = reader.ReadToEnd();
        }

        return files;
    }
}
