using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>Runs stages that make short texts, each a function of stage, inputs and seed. Counts them, and can hold or fail them.</summary>
public sealed class RecordingRunner(IArtifactStore artifacts, ICheckpointStore checkpoints) : IStageRunner
{
    private readonly ConcurrentQueue<StageRequest> runs = new();
    private readonly ConcurrentDictionary<string, int> resumed = new();
    private int under;
    private int most;
    private int ended;

    /// <summary>Every run that was begun, in order.</summary>
    public IReadOnlyCollection<StageRequest> Runs => runs;

    /// <summary>Runs that found a checkpoint, by kind.</summary>
    public IReadOnlyDictionary<string, int> Resumed => resumed;

    /// <summary>Runs that have come to an end, of whatever kind.</summary>
    public int Ended => Volatile.Read(ref ended);

    /// <summary>Most stages that ran at one time.</summary>
    public int MostAtOnce => most;

    /// <summary>Set while a measurement ran beside another stage.</summary>
    public bool MeasuredInCompany { get; private set; }

    /// <summary>Called on the slot's thread before a stage makes anything; may throw, may wait.</summary>
    public Action<StageRequest, CancellationToken> Before { get; set; } = (_, _) => { };

    /// <summary>Holds stages of that type until the event is set or they are stopped; the others run.</summary>
    public void Hold<TStage>(ManualResetEventSlim until)
        where TStage : Stage => Before = (request, stop) =>
        {
            if (request.Stage is TStage)
                until.Wait(stop);
        };

    /// <summary>How often stages of that kind were begun.</summary>
    public int Count(string kind) => runs.Count(run => run.Stage.Kind == kind);

    public StageOutput Run(StageRequest request, Action<StageProgress> progress, CancellationToken stop)
    {
        runs.Enqueue(request);
        var now = Interlocked.Increment(ref under);
        InterlockedMax(now);
        try
        {
            MeasuredInCompany |= request.Stage is MeasureStage && now > 1;
            progress(new(request.Stage.Kind, 1, 2, "epochs", 0.5, TimeSpan.FromSeconds(1)));
            if (checkpoints.Latest(request.Key) is not null)
                resumed.AddOrUpdate(request.Stage.Kind, 1, (_, count) => count + 1);

            try
            {
                Before(request, stop);
                stop.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                if (!request.AtOnce.IsCancellationRequested)
                    checkpoints.Save(request.Key, 1, "half"u8);
                throw;
            }

            return new(
                StageOutputs.Of(request.Stage).ToImmutableSortedDictionary(role => role, role => Make(request, role), StringComparer.Ordinal),
                ImmutableSortedDictionary<string, double>.Empty.Add("top1", 0.5).Add("loss", double.NaN),
                []);
        }
        finally
        {
            Interlocked.Decrement(ref under);
            Interlocked.Increment(ref ended);
        }
    }

    private string Make(StageRequest request, string role)
    {
        var text = $"{role} of {JsonSerializer.Serialize<Stage>(request.Stage)} seed {request.Recipe.Seed} from {string.Join(" ", request.Inputs)}";
        return artifacts.Put(Encoding.UTF8.GetBytes(text));
    }

    private void InterlockedMax(int value)
    {
        for (var seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
