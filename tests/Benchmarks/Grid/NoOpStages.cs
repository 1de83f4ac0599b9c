using System.Collections.Immutable;
using System.Text;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>
/// Stages that compute nothing, and still write an artifact of 1 KB of their own through the real store. What they hand on is the same for all calibrations of
/// one parent, so that of a ptq trial just <c>calibrate</c> runs and its other stages are answered by records; or their own artifact, so that every stage runs.
/// </summary>
/// <param name="everyStage">True where what a stage hands on differs from trial to trial.</param>
internal sealed class NoOpStages(IArtifactStore artifacts, bool everyStage) : IStageRunner, IPlanInputs, IExecutionEnvironment, IResultAssembler
{
    private const int ArtifactBytes = 1024;
    private readonly Lazy<string> shared = new(() => artifacts.Put("shared"u8));
    private int executed;

    /// <summary>Stages that ran.</summary>
    public int Executed => executed;

    /// <summary>Ends when the first stage runs.</summary>
    public TaskCompletionSource First { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Device => "cpu";

    public string DeviceName => "none";

    public string DeviceFingerprint => "benchmark";

    public string Versions => "none";

    public void Again() => First = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void CheckDevice()
    {
    }

    public SiloEnvironment Offer { get; } = new("none", "0", [new("onnxruntime", "onnxruntime 0", "benchmark")]);

    public StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop)
    {
        First.TrySetResult();
        Interlocked.Increment(ref executed);
        progress(new(request.Stage.Kind, 1, 1, "steps", double.NaN, null));
        var own = artifacts.Put(Encoding.UTF8.GetBytes(request.Key.PadRight(ArtifactBytes, '.')));
        var made = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        made["own"] = own;
        foreach (var role in Roles(request.Stage))
            made[role] = everyStage || role == "weights" ? own : new('0', 64);

        if (!everyStage)
        {
            foreach (var role in Roles(request.Stage).Where(role => role != "weights"))
                made[role] = shared.Value;
        }

        return new(made.ToImmutable(), ImmutableSortedDictionary<string, double>.Empty.Add("top1", 0.5), []);
    }

    public ValueTask<PlanInputs> For(SweepSpec spec) => new(new PlanInputs(
        new(spec.Data.Format, new('d', 64), spec.Data.Validation, spec.Data.Test, spec.Data.SplitSeed),
        new(1, "0", "cpu", "fp32", "eager", 1), "onnxruntime 0", DeviceFingerprint));

    public VariantResult Assemble(Assignment assignment, IReadOnlyList<StageRecord> stages, VariantResult? parent, VariantResult? dense)
    {
        var accuracy = new Accuracy(0.5, 10, 0.5, 0, 0, 0, 0, 1, 0.24, 0.76, 0, 0, 0);
        return new(assignment.Variant, assignment.Recipe, [.. stages], accuracy, accuracy, new(1, 1, 1, 1, 1, 1, 1), 1024, []);
    }

    private static string[] Roles(Stage stage) => stage switch
    {
        TrainStage or FinetuneStage => ["weights"],
        PruneStage => ["weights", "masks"],
        CollectStage => ["histograms"],
        CalibrateStage => ["ranges"],
        ExportStage => ["onnx"],
        EvaluateStage evaluate => [$"predictions_{evaluate.Split}"],
        CompareStage => ["flips"],
        _ => [],
    };
}
