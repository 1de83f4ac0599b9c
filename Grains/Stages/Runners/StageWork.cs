using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>One stage under way: its request, its data, its network, and where its artifacts and checkpoints go.</summary>
internal sealed record StageWork(
    StageRequest Request, DataSplits Data, LayerGraph Graph, ComputeDevice Device, IArtifactStore Artifacts, StageCheckpoints Checkpoints,
    TimeProvider Clock, Action<StageProgress> Progress, CancellationToken Stop)
{
    private readonly long started = Clock.GetTimestamp();

    private ExportStage Export => Request.Recipe.Stages.OfType<ExportStage>().Last();

    /// <summary>True where the stage was given an artifact in that role.</summary>
    public bool Has(string role) => Request.Inputs.ContainsKey(role);

    /// <summary>The bytes of an input.</summary>
    /// <exception cref="StageFailedException">The stage was not given that role.</exception>
    public byte[] Bytes(string role) => Artifacts.Get(HashOf(role));

    /// <summary>The arrays of an input.</summary>
    public ImmutableSortedDictionary<string, HostArray> Arrays(string role) => SafeTensors.Read(Bytes(role), $"artifact {HashOf(role)[..12]}… ({role})");

    /// <summary>The calibrated ranges that the stage was given.</summary>
    public QuantizationRanges Ranges() => QuantizationRangesFile.Read(Bytes("ranges"), $"artifact {HashOf("ranges")[..12]}… (ranges)");

    /// <summary>The network with the weights that the stage was given, quantizing where settings say so.</summary>
    public GraphNetwork Network(QuantizeSettings? quantize)
    {
        var network = new GraphNetwork(Graph, Arrays("weights"), Device);
        if (quantize is not null)
            network.Quantize(LayerChoice.Placement(Graph, quantize.Dialect, quantize.Layers), Ranges(), RoundingOf(quantize));
        return network;
    }

    /// <summary>Tells how far the stage is; the time that remains follows from the pace since it started here.</summary>
    /// <param name="before">Units that were done when the stage was taken up again.</param>
    public void Report(double done, double total, string unit, double top1 = double.NaN, double before = 0)
    {
        var pace = (done - before) / Math.Max(1e-9, Clock.GetElapsedTime(started).TotalSeconds);
        TimeSpan? remaining = pace > 0 ? TimeSpan.FromSeconds(Math.Min(1e8, (total - done) / pace)) : null;
        Progress(new(Request.Stage.Kind, done, total, unit, top1, remaining));
    }

    /// <summary>The exported file, loaded by the runtime.</summary>
    public OnnxRuntimeSession Session(int threads) =>
        OnnxRuntimeSession.Load(Bytes("onnx"), threads, integerOperators: Export.Quantize is not { } quantize || Dialect.Named(quantize.Dialect).IntegerBias);

    /// <summary>The network as the exported file holds it: its weights, quantizing where the file does, biases in integers where the file has them so.</summary>
    public GraphNetwork Deployed()
    {
        var export = Export;
        if (export.Quantize is not { } quantize)
            return Network(quantize: null);

        var (dialect, ranges) = (Dialect.Named(quantize.Dialect), Ranges());
        var placement = LayerChoice.Placement(Graph, quantize.Dialect, quantize.Layers);
        var network = new GraphNetwork(Graph, IntegerBiases.Round(Graph, Arrays("weights"), placement, ranges, dialect, OptionsOf(export)), Device);
        network.Quantize(placement, ranges, RoundingOf(quantize));
        return network;
    }

    /// <summary>How an export stage writes its file.</summary>
    public static ExportOptions OptionsOf(ExportStage export) => new(
        export.Opset, Enum.Parse<BatchNormForm>(export.BatchNorm, ignoreCase: true),
        Rounding: export.Quantize is { } quantize ? RoundingOf(quantize) : RoundingRule.Onnx);

    /// <summary>The rounding rule of that name.</summary>
    private static RoundingRule RoundingOf(QuantizeSettings quantize) => Enum.Parse<RoundingRule>(quantize.Rounding, ignoreCase: true);

    private string HashOf(string role) =>
        Request.Inputs.TryGetValue(role, out var hash)
            ? hash
            : throw new StageFailedException($"Stage {Request.Stage.Kind} takes {role}, but no stage before it made any. The recipe's stages are in a wrong order.");
}
