using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Origins;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.States;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Collection;

/// <summary>
/// What the records of a grid still need of its files: artifacts of committed results; artifacts of stages that a plan of a known sweep has; networks that users brought; checkpoints of stages
/// that such a plan has and that are not done, or that somebody has the right to run.
/// </summary>
/// <param name="Artifacts">Hashes that are needed.</param>
/// <param name="Named">Hashes that any record names, needed or not.</param>
/// <param name="OpenStages">Keys of stages whose checkpoints are needed.</param>
/// <param name="StaleResults">Results that no plan of a known sweep has, by key: of specs that were changed since, of sweeps that were forgotten.</param>
/// <param name="Sweeps">Known sweeps.</param>
/// <param name="Results">Committed results.</param>
public sealed record Reachability(
    ImmutableHashSet<string> Artifacts, ImmutableHashSet<string> Named, ImmutableHashSet<string> OpenStages, ImmutableSortedDictionary<string, ImmutableArray<string>> StaleResults, int Sweeps,
    int Results)
{
    /// <summary>Follows every record. A function of its arguments.</summary>
    /// <param name="keepStale">False where stale results are no reason to keep anything.</param>
    /// <exception cref="InvalidDataException">A record cannot be read, so that nobody knows what it needs; names it.</exception>
    public static Reachability Of(IReadOnlyCollection<StoredRecord> records, bool keepStale)
    {
        var stages = Read<StageState>(records, "stage");
        var results = Read<ResultState>(records, "result").Where(result => result.Value.Result is not null).ToDictionary(result => result.Key, result => result.Value.Result!);
        var sweeps = Read<SweepRecord>(records, "sweep").Values.Where(sweep => sweep is { Spec: not null, Inputs: not null }).ToArray();

        var (planned, current, needed) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var sweep in sweeps)
        {
            var (spec, inputs) = (sweep.Spec!, sweep.Inputs!);
            var walk = new OriginWalk(inputs, _ => false);
            foreach (var trial in Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings))
            {
                var key = ResultKey.Of(trial.Variant, spec.Measure, inputs.RuntimeVersion, inputs.DeviceFingerprint);
                walk.Through(trial, stage => Task.FromResult(stages.GetValueOrDefault(stage)?.Record), results.GetValueOrDefault(key)).GetAwaiter().GetResult();
                current.Add(key);
                needed.UnionWith(Given(trial.Recipe.Model));
            }

            planned.UnionWith(walk.Stages.Select(stage => stage.Key).OfType<string>());
        }

        needed.UnionWith(planned.SelectMany(key => ArtifactsOf(stages.GetValueOrDefault(key)?.Record)));
        var stale = results.Where(result => !current.Contains(result.Key)).ToImmutableSortedDictionary(result => result.Key, result => ArtifactsOf(result.Value).ToImmutableArray(), StringComparer.Ordinal);
        foreach (var result in results.Where(result => keepStale || current.Contains(result.Key)))
            needed.UnionWith(ArtifactsOf(result.Value));

        return new(
            [.. needed], [.. stages.Values.SelectMany(stage => ArtifactsOf(stage.Record)), .. results.Values.SelectMany(ArtifactsOf), .. needed],
            [.. planned.Where(key => stages.GetValueOrDefault(key)?.Record is null), .. stages.Where(stage => stage.Value is { Record: null, Owner: not null }).Select(stage => stage.Key)],
            stale, sweeps.Length, results.Count);
    }

    private static IEnumerable<string> ArtifactsOf(StageRecord? record) => record is null ? [] : record.Artifacts.Values;

    private static IEnumerable<string> ArtifactsOf(VariantResult result) => result.Stages.SelectMany(ArtifactsOf).Concat(Given(result.Recipe.Model));

    private static IEnumerable<string> Given(ModelSettings model) => new[] { model.Given?.Weights, model.Given?.Graph }.OfType<string>();

    private static Dictionary<string, T> Read<T>(IEnumerable<StoredRecord> records, string kind)
        where T : class
    {
        var read = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var record in records.Where(record => record.Kind == kind))
        {
            try
            {
                read[record.Key] = JsonSerializer.Deserialize<T>(record.Payload, StoredStates.Json) ?? throw new JsonException("it is null");
            }
            catch (Exception unreadable) when (unreadable is JsonException or NewerStateException or NotSupportedException or ArgumentException)
            {
                throw new InvalidDataException(
                    $"The {kind} record {record.Key} cannot be read ({unreadable.Message}), so nobody knows which files it needs; nothing was deleted. "
                    + "Use the version of the program that wrote it, or restore the record.", unreadable);
            }
        }

        return read;
    }
}
