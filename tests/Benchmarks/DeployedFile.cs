using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>One call of an exported ResNet-18 (random weights) on one 3x224x224 image in ONNX Runtime, one thread: FP32 and INT8 in two dialects.</summary>
public class DeployedFile
{
    private readonly float[] image = [.. Enumerable.Range(0, 3 * 224 * 224).Select(i => MathF.Sin(i))];
    private OnnxRuntimeSession fp32 = null!;
    private OnnxRuntimeSession ort = null!;
    private OnnxRuntimeSession tensorRt = null!;

    [GlobalSetup]
    public void Setup()
    {
        fp32 = OnnxRuntimeSession.Load(OnnxExporter.Export(Networks.Large, GraphNetwork.Initial(Networks.Large, 1), new()));
        ort = Load(Dialect.Ort);
        tensorRt = Load(Dialect.TensorRt);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        fp32.Dispose();
        ort.Dispose();
        tensorRt.Dispose();
    }

    [Benchmark(Baseline = true)]
    public float[] Fp32() => fp32.Run(image, 1);

    [Benchmark]
    public float[] Int8Ort() => ort.Run(image, 1);

    [Benchmark]
    public float[] Int8TensorRtDialect() => tensorRt.Run(image, 1);

    private static OnnxRuntimeSession Load(Dialect dialect)
    {
        var placement = QuantizerPlacement.Of(Networks.Large, dialect);
        return OnnxRuntimeSession.Load(OnnxExporter.ExportQuantized(
            Networks.Large, GraphNetwork.Initial(Networks.Large, 1), placement, Networks.Ranges(Networks.Large, placement), dialect, new()));
    }
}
