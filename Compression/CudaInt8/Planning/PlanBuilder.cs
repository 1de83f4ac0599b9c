using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>Turns a quantized layer graph into steps: batch normalizations folded, convolutions fused with residual, activation and requantizing.</summary>
internal sealed partial class PlanBuilder
{
    /// <summary>More products could overflow the 32-bit sum: 2^31 / (128 · 127).</summary>
    private const int MostProducts = 132_104;

    private readonly LayerGraph graph;
    private readonly QuantizedForm form;
    private readonly Dictionary<string, QuantizedLayer> layers;
    private readonly IReadOnlyDictionary<string, ImageShape> shapes;
    private readonly Dictionary<string, float> scales;
    private readonly HashSet<string> floatReaders;
    private readonly int batch;
    private readonly List<PlanTensor> tensors = [];
    private readonly List<PlanStep> steps = [];
    private readonly Dictionary<string, int> levelForms = [];
    private readonly Dictionary<string, int> floatForms = [];

    public PlanBuilder(
        LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, QuantizerPlacement placement, QuantizationRanges ranges, RoundingRule rounding, int batch,
        IReadOnlyDictionary<string, FileLayer>? file = null)
    {
        if (batch < 1)
            throw new ArgumentOutOfRangeException(nameof(batch), batch, $"batch is {batch}: a plan takes at least 1 image a call.");
        var problems = graph.Problems().ToArray();
        if (problems.Length > 0)
            throw new InvalidDataException($"Network '{graph.Name}' cannot be planned. {string.Join(" ", problems)}");
        if (placement.Activations.FirstOrDefault(quantizer => !quantizer.Signed) is { } unsigned)
            throw new InvalidDataException($"Tensor '{unsigned.Tensor}' has an unsigned quantizer; the engine computes with signed levels only. Quantize in dialect {Dialect.CudaInt8.Name}.");

        form = new(graph, weights, placement, ranges, Dialect.CudaInt8, new ExportOptions(Rounding: rounding), file);
        this.graph = form.Graph;
        this.batch = batch;
        layers = form.Layers.ToDictionary(layer => layer.Node.Name);
        shapes = GraphShapes.Of(this.graph);
        floatReaders = [.. placement.FloatReaders];
        scales = placement.Activations.ToDictionary(quantizer => quantizer.Tensor, quantizer => QuantizationScale.Of(ranges.Activations[quantizer.Tensor], quantizer.MaxLevel));
    }

    /// <summary>The steps, and the tensors between them.</summary>
    public ExecutionPlan Build()
    {
        var image = Target("images", graph.InputName, out var finish);
        steps.Add(new ImageStep("images", image));
        finish();

        var fusions = graph.Nodes.OfType<IWeightedNode>().Select(node => FusionOf((Node)node)).ToDictionary(fusion => fusion.Last);
        var inside = fusions.Values.SelectMany(fusion => fusion.Inside).ToHashSet();
        foreach (var node in graph.Nodes.Where(node => !inside.Contains(node.Name)))
        {
            if (fusions.TryGetValue(node.Name, out var fusion))
                EmitWeighted(fusion);
            else
                Emit(node);
        }

        return new(graph.Name, batch, graph.InputShape, [.. tensors], [.. StemFusion.Apply(steps, tensors)], Scores());
    }

    private int Scores()
    {
        if (floatForms.TryGetValue(graph.OutputName, out var scores))
            return scores;
        var output = NewTensor(graph.OutputName, shapes[graph.OutputName], 0);
        steps.Add(new PointwiseStep($"{graph.OutputName} in units", [levelForms[graph.OutputName]], output, PointwiseOperation.Copy));
        return output;
    }

    private int NewTensor(string name, ImageShape shape, float scale)
    {
        tensors.Add(new(tensors.Count, name, shape, scale));
        return tensors.Count - 1;
    }

    /// <summary>What a level is worth of a tensor as a node reads it; 0 where the node reads floats.</summary>
    private float ScaleOf(string tensor, Node reader) =>
        floatReaders.Contains(reader.Name) ? 0
        : scales.TryGetValue(tensor, out var scale) ? scale
        : graph.ProducerOf(tensor) is (MaxPool or Flatten or Unflatten or ChannelSlice or ChannelShuffle) and var node ? ScaleOf(node.Input, node)
        : 0;

    /// <summary>The tensor that a node reads.</summary>
    private int Read(string tensor, Node reader) =>
        ScaleOf(tensor, reader) > 0 ? levelForms[tensor]
        : floatForms.TryGetValue(tensor, out var floats) ? floats
        : levelForms[tensor];

    /// <summary>A place for a step to write a graph's tensor to, in the form that its readers want.</summary>
    /// <param name="step">For the name of a step behind.</param>
    /// <param name="natural">Scale that the step writes; null where it writes any form.</param>
    /// <param name="finish">To be called when the step is there: adds what turns its form into another that is wanted.</param>
    private int Target(string step, string tensor, out Action finish, float? natural = null)
    {
        var shape = shapes[tensor];
        var wanted = scales.GetValueOrDefault(tensor, natural ?? 0);
        var alsoFloat = wanted > 0 && scales.ContainsKey(tensor) && graph.ConsumersOf(tensor).Any(node => floatReaders.Contains(node.Name));
        var written = natural ?? (alsoFloat ? 0 : wanted);
        var index = NewTensor(tensor, shape, written);
        (written > 0 ? levelForms : floatForms)[tensor] = index;
        finish = () =>
        {
            if (wanted == written)
                return;
            var levels = NewTensor(tensor, shape, wanted);
            steps.Add(new PointwiseStep($"{step} in levels", [index], levels, PointwiseOperation.Copy));
            levelForms[tensor] = levels;
            // Levels of another scale are no substitute for the floats that some node asks for, and are read by nobody else.
            if (alsoFloat && written > 0)
                floatForms[tensor] = index;
        };
        return index;
    }
}
