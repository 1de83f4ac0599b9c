using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>The engine as a runtime of files: its versions, and what this machine has of it.</summary>
/// <param name="Gpu">Model of the first GPU; null where the engine cannot run.</param>
/// <param name="Fingerprint">32 hex digits that stand for this machine and that GPU; empty where there is none.</param>
/// <param name="Versions">Driver and compiler, for provenance; empty where there are none.</param>
/// <param name="Missing">Why the engine cannot run here; null where it can.</param>
public sealed record CudaInt8Runtime(string? Gpu, string Fingerprint, string Versions, string? Missing)
{
    /// <summary>Raised by every change of an integer or a bit that <see cref="Reference.ReferenceExecutor"/> computes of a file.</summary>
    private const int Numbers = 1;

    private static readonly Lazy<CudaInt8Runtime> Here = new(Find);

    /// <summary>What decides predictions: <c>cuda-int8 1</c>. No device is part of it, since every one gives the same bits.</summary>
    public static string Numerics => $"cuda-int8 {Numbers}";

    /// <summary>What decides latencies too: the numerics and a hash of the kernels' sources.</summary>
    public static string Version { get; } = $"{Numerics}, kernels {KernelHash()}";

    /// <summary>What this machine has; looked up once.</summary>
    public static CudaInt8Runtime OfThisMachine => Here.Value;

    /// <summary>Why the engine cannot run a network that is quantized so, naming the layer; null where it can. Known before there are weights.</summary>
    /// <exception cref="InvalidDataException">The layers that are chosen are not the network's.</exception>
    public static string? RefusalOf(LayerGraph graph, QuantizedLayers layers)
    {
        var placement = QuantizerPlacement.Of(graph, Dialect.CudaInt8, layers);
        var ranges = new QuantizationRanges(
            placement.Activations.ToImmutableSortedDictionary(quantizer => quantizer.Tensor, _ => 1f, StringComparer.Ordinal),
            placement.Weights.ToImmutableSortedDictionary(name => name, _ => ImmutableArray.Create(1f), StringComparer.Ordinal));
        var zeros = graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => HostArray.Of(new float[parameter.Count], parameter.Shape.AsSpan()));
        try
        {
            // A plan of weights that are all 0 has the steps of any other.
            _ = ExecutionPlan.Of(graph, zeros, placement, ranges, RoundingRule.Onnx, batch: 1);
            return null;
        }
        catch (NotSupportedException refusal)
        {
            return refusal.Message;
        }
    }

    private static CudaInt8Runtime Find()
    {
        try
        {
            using var device = CudaDevice.Open();
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"sparsegrid gpu\n{CpuDevice.Current.Fingerprint}\n{device.Uuid}"));
            var nvrtc = NvrtcCompiler.Find().Version;
            return new(
                device.Name, Convert.ToHexStringLower(hash.AsSpan(0, 16)), $"CUDA driver {device.Driver / 1000}.{device.Driver % 1000 / 10}, NVRTC {nvrtc}", null);
        }
        catch (CudaException missing)
        {
            return new(null, "", "", missing.Message);
        }
    }

    private static string KernelHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in KernelSources.Headers)
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{text}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4));
    }
}
