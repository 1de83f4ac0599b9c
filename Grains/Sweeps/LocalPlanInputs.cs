using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages.Runners;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Plan inputs: the data files as this silo sees them, libraries and device of the silos that will compute.</summary>
public sealed class LocalPlanInputs(IComputeEnvironments environments, DataCatalog data, IArtifactStore artifacts) : IPlanInputs
{
    /// <summary>Raised by every change that alters results: another draw, another order of operations, another default.</summary>
    private const int NumericsVersion = 3;

    private readonly GivenModelReader models = new(artifacts);

    /// <inheritdoc/>
    public async ValueTask<PlanInputs> For(SweepSpec spec)
    {
        var environment = await environments.For(spec.Numerics.Device);
        var runtime = environment.Runtime(spec.Measure.Runtime);
        var evaluator = spec.Measure.OnGpu ? environment.Runtime(MeasureSettings.OnnxRuntime) : null;

        // Names of a builder's layers do not depend on the images.
        if (spec.Source?.File is null)
            CheckLayers(spec, new(() => ResNet.Build(spec.Model.Network, new ImageShape(3, 32, 32), classes: 2, spec.Model.Width)));

        // On a thread of the pool: hashing and reading a large set takes seconds, in which the silo has other grains to answer.
        var (identity, model) = await Task.Run(() => Read(spec));
        return new(
            identity,
            new NumericsFingerprint(NumericsVersion, environment.Libtorch, spec.Numerics.Device, "fp32", "eager", spec.Numerics.Threads),
            runtime.Version,
            runtime.Fingerprint,
            model,
            evaluator?.Version,
            evaluator?.Fingerprint);
    }

    // A layer that the network has not is to be heard of before anything trains.
    private static void CheckLayers(SweepSpec spec, Lazy<LayerGraph> graph)
    {
        void Check(string section, Action check)
        {
            try
            {
                check();
            }
            catch (InvalidDataException fault)
            {
                throw new InvalidDataException($"variants.{section}: {fault.Message}", fault);
            }
        }

        foreach (var prune in (spec.Variants.Sparse?.Prune ?? []).Where(prune => prune.Exclude is not null))
            Check("sparse.prune.exclude", () => LayerChoice.Of(prune).Check(graph.Value));
        foreach (var (kind, settings) in new[] { ("ptq", spec.Variants.Ptq?.Quantize), ("qat", spec.Variants.Qat?.Quantize) })
        {
            foreach (var layers in (settings ?? []).Select(quantize => quantize.Layers).Where(layers => layers is not null))
                Check($"{kind}.quantize", () => LayerChoice.Of(layers).Of(graph.Value));
        }
    }

    private (DataIdentity Data, PlannedModel? Model) Read(SweepSpec spec)
    {
        // Read, not just hashed: data that cannot be used are to be heard of before anything runs.
        var identity = data.IdentityOf(spec.Data);
        var images = data.For(spec.Data, identity).Train;
        CheckBatch(spec, images.Shape);
        if (spec.Source is not { } source)
            return (identity, null);

        var (model, graph) = models.Read(source, spec.Model, images);
        if (source.File is not null)
        {
            CheckLayers(spec, new(graph));
            CheckPrunes(spec, graph);
            CheckEngine(spec, graph);
        }

        return (identity, model);
    }

    // What is timed is one array of images.
    private static void CheckBatch(SweepSpec spec, ImageShape shape)
    {
        if ((long)spec.Measure.Batch * shape.Count > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"measure.latency.batch is {spec.Measure.Batch}, but {spec.Measure.Batch} images of {shape} are more than the {Array.MaxLength} values that one call takes; give at most {Array.MaxLength / shape.Count}.");
        }
    }

    // Builders' networks have no such layers.
    private static void CheckEngine(SweepSpec spec, LayerGraph graph)
    {
        if (!spec.Measure.OnGpu)
            return;
        foreach (var layers in (spec.Variants.Ptq?.Quantize ?? []).Concat(spec.Variants.Qat?.Quantize ?? []).Select(quantize => quantize.Layers).Distinct())
        {
            if (CudaInt8Runtime.RefusalOf(graph, LayerChoice.Of(layers)) is { } refusal)
                throw new InvalidDataException($"measure.runtime is {spec.Measure.Runtime}, which cannot run this network: {refusal}");
        }
    }

    // Builders' networks can all be pruned where they are wide enough; of a user's own that is not known.
    private static void CheckPrunes(SweepSpec spec, LayerGraph graph)
    {
        foreach (var prune in spec.Variants.Sparse?.Prune ?? [])
        {
            var layers = Eligibility.Of(graph, MaskPattern.Named(prune.Pattern), LayerChoice.Of(prune));
            if (layers.FirstOrDefault(layer => !layer.Eligible) is { } first && layers.All(layer => !layer.Eligible))
            {
                throw new InvalidDataException(
                    $"variants.sparse: no layer of {Path.GetFileName(spec.Source!.Path)} can be pruned by {prune.Pattern}; the first, {first.Node} ({first.Shape}): {first.Reason}. "
                    + "Leave variants.sparse out, or give a wider network.");
            }
        }
    }
}
