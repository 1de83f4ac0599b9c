namespace SparseGrid.Compression.Runtimes;

/// <summary>The NVIDIA GPUs that the driver of this machine lists.</summary>
public static class GpuDevice
{
    /// <summary>Model names, in the driver's order; empty without a driver.</summary>
    public static IReadOnlyList<string> Models { get; } = Read("/proc/driver/nvidia/gpus");

    internal static IReadOnlyList<string> Read(string folder) =>
        !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "information", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .SelectMany(File.ReadLines)
                .Where(line => line.StartsWith("Model:", StringComparison.Ordinal))
                .Select(line => line["Model:".Length..].Trim())];
}
