using BenchmarkDotNet.Attributes;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>One call of an exported network (random weights) on one image in ONNX Runtime: FP32 and INT8 in two dialects.</summary>
public class DeployedFile
{
    private float[] image = null!;
    private OnnxRuntimeSession fp32 = null!;
    private OnnxRuntimeSession ort = null!;
    private OnnxRuntimeSession tensorRt = null!;

    /// <summary>resnet18 and resnet34 for 3x224x224 and 1000 classes; resnet8 and resnet20 for 1x28x28 and 10.</summary>
    [Params("resnet8", "resnet20", "resnet18", "resnet34")]
    public string Network { get; set; } = "resnet18";

    /// <summary>Threads inside one operator.</summary>
    [Params(1, 2)]
    public int Threads { get; set; } = 1;

    private LayerGraph Graph => Network is "resnet8" or "resnet20"
        ? ResNet.Build(Network, new ImageShape(1, 28, 28), 10)
        : ResNet.Build(Network, new ImageShape(3, 224, 224), 1000);

    [GlobalSetup]
    public void Setup()
    {
        image = [.. Enumerable.Range(0, (int)Graph.InputShape.Count).Select(i => MathF.Sin(i))];
        fp32 = OnnxRuntimeSession.Load(OnnxExporter.Export(Graph, GraphNetwork.Initial(Graph, 1), new()), Threads);
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

    private OnnxRuntimeSession Load(Dialect dialect)
    {
        var placement = QuantizerPlacement.Of(Graph, dialect);
        return OnnxRuntimeSession.Load(
            OnnxExporter.ExportQuantized(Graph, GraphNetwork.Initial(Graph, 1), placement, Networks.Ranges(Graph, placement), dialect, new()), Threads, dialect.IntegerBias);
    }
}
