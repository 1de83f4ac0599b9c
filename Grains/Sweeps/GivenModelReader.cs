using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Compression.Weights;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// Reads the files of a network that a user brings, once, when the sweep is planned: makes sure that the sweep can use it, and puts layers and weights into the
/// artifact store, from where every silo takes them.
/// </summary>
internal sealed class GivenModelReader(IArtifactStore artifacts)
{
    // An array in .NET ends at 2 GiB, and an artifact is one.
    private const long MostParameters = 500_000_000;

    /// <summary>The network, with its layers.</summary>
    /// <param name="settings">The spec's settings of the model.</param>
    /// <param name="images">The images that it is to classify.</param>
    /// <exception cref="InvalidDataException">A file is missing, cannot be imported, or does not go with the images; names the key of the spec, the file, the rule and what to do.</exception>
    /// <exception cref="IOException">The store cannot keep it: the disk is full or read-only.</exception>
    public (PlannedModel Model, LayerGraph Graph) Read(ModelSource source, ModelSettings settings, LabeledImages images)
    {
        var (graph, weights, notes, digest) = Checked(source, settings, images);
        var fresh = source.BatchNorm == "fresh" && !FreshBatchNorm.Without(graph).IsEmpty;
        var given = new GivenNetwork(
            artifacts.Put(SafeTensors.Write(weights)), source.File is not null ? artifacts.Put(GraphFile.Write(graph)) : null, fresh ? "fresh" : null);
        if (source.BatchNorm == "fresh")
        {
            notes = notes.Add(fresh
                ? $"Convolutions without BatchNorm get a new one, {FreshBatchNorm.Without(graph).Length} of them; exported files have it folded in again."
                : "Every convolution has BatchNorm: none is added.");
        }

        graph = fresh ? FreshBatchNorm.Inserted(graph) : graph;
        return (
            new(
                settings with { Given = given }, Path.GetFileName(source.Path), digest, images.Shape.ToString(), images.Classes, graph.WeightedNodes.Count(),
                GraphCost.Of(graph).Parameters, notes),
            graph);
    }

    private static (LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights, ImmutableArray<string> Notes, string Digest) Checked(
        ModelSource source, ModelSettings settings, LabeledImages images)
    {
        try
        {
            var path = source.Path;
            var digest = DigestOf(path);
            var (graph, weights, notes) = source.File is not null ? Imported(path, images) : Loaded(path, settings, images);
            if (DigestOf(path) != digest)
                throw new InvalidDataException($"{path} was changed while it was read. Wait until it is written, and give the command again.");
            Check(path, graph, weights, images);
            return (graph, weights, notes, digest);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{(source.File is not null ? "model.file" : "model.weights")}: {fault.Message}", fault);
        }
    }

    private static (LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights, ImmutableArray<string> Notes) Imported(string path, LabeledImages images)
    {
        var network = OnnxImport.Open(path, images.Shape);
        string[] ofRanges = network.Quantization is { } quantization
            ? [$"The file is quantized ({quantization.Dialect.Name}): its integers count as the floats that they stand for, and its ranges of activations are not used; calibration finds new ones."]
            : [];
        string[] ofBatch = network.Batch is { } batch ? [$"The file takes {batch} {(batch == 1 ? "image" : "images")} a call; files exported from it take any number."] : [];

        // A graph may be named by its file, and what a file is called decides nothing.
        var graph = network.Graph with { Name = network.Graph.Metadata is { GraphName: { Length: > 0 } name } ? name : "network" };
        return (graph, network.Weights, [.. network.Notes, .. ofRanges, .. ofBatch]);
    }

    private static (LayerGraph Graph, ImmutableSortedDictionary<string, HostArray> Weights, ImmutableArray<string> Notes) Loaded(
        string path, ModelSettings settings, LabeledImages images)
    {
        var graph = ResNet.Build(settings.Network, images.Shape, images.Classes, settings.Width);
        var loaded = StateDictFile.Open(path).Into(graph);
        string[] ofMasks = loaded.Masks.IsEmpty
            ? []
            : [$"The file has masks of {loaded.Masks.Count} weights, which are not used: the network counts as dense here, and variants.sparse prunes it anew."];
        return (graph, loaded.Weights, [.. loaded.Notes, .. ofMasks]);
    }

    private static void Check(string path, LayerGraph graph, ImmutableSortedDictionary<string, HostArray> weights, LabeledImages images)
    {
        var classes = GraphShapes.Of(graph)[graph.OutputName].Count;
        if (classes != images.Classes)
        {
            throw new InvalidDataException(
                $"{path} gives {classes} scores, and the data have {images.Classes} classes; a network has one score for each class. "
                + $"Give data of {classes} classes (data.classes says how many there are where labels do not name them all), or a network trained for {images.Classes}.");
        }

        if (GraphNetwork.Unsupported(graph).FirstOrDefault() is { } unsupported)
            throw new InvalidDataException($"{path} cannot be trained or evaluated here: {unsupported}");
        if (weights.Values.Sum(array => array.Count) is > MostParameters and var count)
            throw new InvalidDataException($"{path} has {count} numbers in its arrays; at most {MostParameters} are stored. Give a smaller network.");
        if (weights.FirstOrDefault(array => !AllFinite(array.Value.Floats)) is { Key: { } name })
            throw new InvalidDataException($"{path}: its array '{name}' holds NaN or infinity, with which nothing can be computed. Export the model from a whole checkpoint.");
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }

        return true;
    }

    private static string DigestOf(string path)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException(Directory.Exists(path)
                ? $"{path} is a folder; name the file in it."
                : $"{path}: there is no such file. Relative paths start at the spec's folder.");
        }

        using var file = File.OpenRead(path);
        return file is { CanSeek: true, Length: > 0 }
            ? Sha256.Of(file)
            : throw new InvalidDataException($"{path} is empty, a pipe or a device; models are read from files.");
    }
}
