using Microsoft.Extensions.Options;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Runs every kind of stage with <c>Compression</c>: one small class a kind.</summary>
public sealed class CompressionStageRunner(
    IArtifactStore artifacts, ICheckpointStore checkpoints, DataCatalog data, IOptions<CheckpointOptions> options, TimeProvider clock,
    ILogger<CompressionStageRunner> logger) : IStageRunner
{
    /// <inheritdoc/>
    public StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop)
    {
        try
        {
            ComputeDevice.SetThreads(request.Recipe.Numerics.Threads);
            var splits = data.For(request.Data, request.Recipe.Data);
            var model = request.Recipe.Model;
            var came = GraphOf(model, splits.Train);
            var graph = model.Given is { AddsBatchNorm: true } ? FreshBatchNorm.Inserted(came) : came;
            var kept = new StageCheckpoints(request, checkpoints, options.Value, clock, logger);
            var work = new StageWork(request, splits, graph, ComputeDevice.Named(request.Recipe.Numerics.Device), artifacts, kept, clock, progress, stop);
            return request.Stage switch
            {
                LoadStage => LoadRunner.Run(work, came),
                TrainStage stage => TrainRunner.Train(work, stage),
                FinetuneStage stage => TrainRunner.Finetune(work, stage),
                PermuteStage stage => PermuteRunner.Run(work, stage),
                PruneStage stage => PruneRunner.Run(work, stage),
                CollectStage stage => CollectRunner.Run(work, stage),
                CalibrateStage stage => CalibrateRunner.Run(work, stage),
                ExportStage stage => ExportRunner.Run(work, stage),
                EvaluateStage stage => EvaluateRunner.Run(work, stage),
                CompareStage => CompareRunner.Run(work),
                MeasureStage stage => MeasureRunner.Run(work, stage),
                _ => throw new StageFailedException($"Stage '{request.Stage.Kind}' is unknown to this silo; it runs an older version than the one that planned it."),
            };
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or CudaException)
        {
            // The name of a parameter says nothing to the reader of a report.
            throw new StageFailedException(e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", null) : e.Message, e);
        }
    }

    private LayerGraph GraphOf(ModelSettings model, LabeledImages images) => model.Given?.Graph is { } graph
        ? GraphFile.Read(artifacts.Get(graph), $"artifact {graph[..12]}… (network)")
        : ResNet.Build(model.Network, images.Shape, images.Classes, model.Width);
}
