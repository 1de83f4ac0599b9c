using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>A quantized network as steps in 8-bit integers with a fixed batch: what the GPU runs, and what <see cref="Reference.ReferenceExecutor"/> defines the numbers of.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Batch">Images of a call.</param>
/// <param name="Input">Shape of one image.</param>
/// <param name="Tensors">Every tensor by index.</param>
/// <param name="Steps">In execution order.</param>
/// <param name="Output">The tensor of class scores; float32.</param>
public sealed record ExecutionPlan(
    string Name, int Batch, ImageShape Input, ImmutableArray<PlanTensor> Tensors, ImmutableArray<PlanStep> Steps, int Output)
{
    /// <summary>Scores of one image.</summary>
    public int Classes => Tensors[Output].Shape.Count;

    /// <summary>The plan of a network.</summary>
    /// <param name="weights">As trained, with batch normalizations apart.</param>
    /// <param name="placement">What is quantized; every quantizer is signed.</param>
    /// <param name="ranges">amax of each of these.</param>
    /// <param name="rounding">How weights become integers; the rule that the network was trained with.</param>
    /// <param name="batch">Images of a call, at least 1.</param>
    /// <exception cref="InvalidDataException">The graph cannot run, a weight or range is missing or not finite, or a quantizer is unsigned.</exception>
    /// <exception cref="NotSupportedException">A node has no step here; the message names it and says why.</exception>
    public static ExecutionPlan Of(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, QuantizerPlacement placement, QuantizationRanges ranges, RoundingRule rounding, int batch) =>
        new PlanBuilder(graph, weights, placement, ranges, rounding, batch).Build();

    /// <summary>The plan of a quantized file: its integers and scales as they stand there, so what runs is what was exported.</summary>
    /// <param name="onnx">A Q/DQ file with signed, symmetric quantizers; dialect cuda-int8 writes such, and files of other exporters are taken where they do.</param>
    /// <param name="source">What the bytes are, for messages.</param>
    /// <param name="batch">Images of a call, at least 1.</param>
    /// <exception cref="InvalidDataException">It is no ONNX model, has no quantizers, or unsigned ones.</exception>
    /// <exception cref="NotSupportedException">A node has no step here; the message names it and says why.</exception>
    public static ExecutionPlan FromFile(byte[] onnx, string source, int batch)
    {
        var network = OnnxImport.Read(onnx, source);
        return network.Quantization is { } found
            ? new PlanBuilder(network.Graph, network.Weights, found.Placement, found.Ranges, ImportedQuantization.Rounding, batch, found.Layers).Build()
            : throw new InvalidDataException($"{source} holds floats: it has no QuantizeLinear. Quantize the network in dialect {Dialect.CudaInt8.Name} and export it again.");
    }

    /// <summary>The same plan for another batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is below 1.</exception>
    public ExecutionPlan ForBatch(int batch) => this with { Batch = batch >= 1 ? batch : throw new ArgumentOutOfRangeException(nameof(batch), batch, $"batch is {batch}: a plan takes at least 1 image a call.") };

    /// <summary>The same plan with every step by itself: what kernels that fuse are checked against.</summary>
    public ExecutionPlan Unfused() => this with { Steps = [.. Steps.SelectMany(step => step is StemStep stem ? (PlanStep[])[stem.Image, stem.Conv, stem.Pool] : [step])] };
}
