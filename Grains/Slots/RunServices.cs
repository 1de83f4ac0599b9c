using Microsoft.Extensions.Options;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>What every run of a silo works with.</summary>
public sealed class RunServices(
    IGrainFactory grains, ILocalSiloDetails silo, IStageRunner runner, IResultAssembler assembler, ResultIndex results, StageRecords records, IExecutionEnvironment environment,
    IArtifactStore artifacts, ICheckpointStore checkpoints, MeasureGate device, IOptions<GridOptions> options, TimeProvider clock, ILogger<SlotRun> logger)
{
    internal IGrainFactory Grains => grains;

    internal ILocalSiloDetails Silo => silo;

    internal IStageRunner Runner => runner;

    internal IResultAssembler Assembler => assembler;

    internal ResultIndex Results => results;

    internal StageRecords Records => records;

    internal IExecutionEnvironment Environment => environment;

    internal IArtifactStore Artifacts => artifacts;

    internal ICheckpointStore Checkpoints => checkpoints;

    internal MeasureGate Device => device;

    internal GridOptions Options => options.Value;

    internal TimeProvider Clock => clock;

    internal ILogger Logger => logger;
}
