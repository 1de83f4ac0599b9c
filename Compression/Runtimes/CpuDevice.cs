using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SparseGrid.Compression.Runtimes;

/// <summary>The processor that runs exported files: what its latencies are filed under.</summary>
/// <param name="Model">The maker's name of the processor; the architecture where the system does not tell.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="Fingerprint">32 hex digits that stand for this machine, its processor and core count. The machine's own id is hashed and cannot be read
/// back.</param>
/// <param name="HasInt8Dot">True where products of 8-bit integers are summed in 32 bits by one instruction (VNNI on x64, dot product on Arm).</param>
public sealed record CpuDevice(string Model, int Cores, string Fingerprint, bool HasInt8Dot)
{
    /// <summary>This machine's processor.</summary>
    public static CpuDevice Current { get; } = Read("/proc/cpuinfo", "/etc/machine-id");

    /// <summary>What a reader of accuracies and latencies must know about this processor; null where there is nothing.</summary>
    public string? Caveat =>
        HasInt8Dot || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.X86)
            ? null
            : $"{Model} has no VNNI: ONNX Runtime's products of uint8 and int8 can saturate at 16 bits there, so sessions run with session.x64quantprecision=1, " +
              "which avoids that and is slower; measure INT8 latency on a processor with VNNI if that is what you deploy to.";

    internal static CpuDevice Read(string cpuInfoPath, string machineIdPath)
    {
        var lines = File.Exists(cpuInfoPath) ? File.ReadAllLines(cpuInfoPath) : [];
        var model = Value(lines, "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var features = (Value(lines, "flags") ?? Value(lines, "Features") ?? "").Split(' ');
        var hasDot = features.Any(feature => feature is "avx512_vnni" or "avx_vnni" or "asimddp");

        var machine = File.Exists(machineIdPath) ? File.ReadAllText(machineIdPath).Trim() : "";
        var cores = Environment.ProcessorCount;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"sparsegrid cpu\n{machine}\n{model}\n{cores}"));
        return new(model, cores, Convert.ToHexStringLower(hash.AsSpan(0, 16)), hasDot);
    }

    private static string? Value(string[] lines, string key) =>
        lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line && line.IndexOf(':') is var colon and > 0
            ? line[(colon + 1)..].Trim()
            : null;
}
