using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>How latency is measured on the deployed file.</summary>
/// <param name="Runtime">onnxruntime or cuda-int8.</param>
/// <param name="Batch">Images a call.</param>
/// <param name="Threads">Intra-op threads of the runtime; cuda-int8 has none.</param>
/// <param name="WarmupRuns">Calls before the clock counts.</param>
/// <param name="Runs">Counted calls, interleaved with as many of the baseline; 0 measures nothing.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.measure")]
public sealed record MeasureSettings(string Runtime = MeasureSettings.OnnxRuntime, int Batch = 1, int Threads = 1, int WarmupRuns = 50, int Runs = 300)
{
    /// <summary>ONNX Runtime on the processor.</summary>
    public const string OnnxRuntime = "onnxruntime";

    /// <summary>This project's engine on an NVIDIA GPU; also the dialect of its files.</summary>
    public const string CudaInt8 = "cuda-int8";

    /// <summary>True where the deployed files run on a GPU, beside a baseline in float16.</summary>
    [JsonIgnore]
    public bool OnGpu => Runtime == CudaInt8;

    /// <summary>What latencies are held against, in words.</summary>
    [JsonIgnore]
    public string Baseline => OnGpu ? "dense FP16" : "dense FP32";

    /// <summary>What evaluates a file: files of floats run in ONNX Runtime, whatever the others are for.</summary>
    /// <param name="quantize">How the file is quantized; null for floats.</param>
    public static string EvaluatorOf(QuantizeSettings? quantize) => quantize is { Dialect: CudaInt8 } ? CudaInt8 : OnnxRuntime;
}
