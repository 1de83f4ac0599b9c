using System.Collections.Immutable;
using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Origins;

/// <summary>
/// Follows the stages of a line of trials in the order in which they are made, and derives of each what a run would: its inputs by role and its key. Stages whose
/// inputs are not made yet have none. Whoever walks looks the records up.
/// </summary>
/// <param name="inputs">What the plan was made with.</param>
/// <param name="lost">True for an artifact that the store has not.</param>
public sealed class OriginWalk(PlanInputs inputs, Func<string, bool> lost)
{
    private readonly List<StageOrigin> stages = [];
    private readonly Dictionary<int, Dictionary<string, Source>> made = [];

    /// <summary>Every stage that was walked through, in that order.</summary>
    public IReadOnlyList<StageOrigin> Stages => stages;

    /// <summary>Walks through a trial; its parent, and its dense ancestor, come before it.</summary>
    /// <param name="record">Gives the committed record under a key, null where there is none.</param>
    /// <param name="result">The trial's result, whose records go before: a stage may have been made on another machine than the plan's. Null where there is none.</param>
    public async Task Through(PlannedVariant trial, Func<string, Task<StageRecord?>> record, VariantResult? result = null)
    {
        var roles = trial.Parent < 0 ? [] : new Dictionary<string, Source>(made[trial.Parent], StringComparer.Ordinal);
        var own = new Dictionary<string, Source>(StringComparer.Ordinal);
        made[trial.Index] = own;
        var dense = made[trial.Dense];
        if (trial.Dense != trial.Index && dense.TryGetValue("predictions_test", out var predictions))
            roles["baseline_predictions"] = predictions;

        var place = 0;
        foreach (var stage in trial.Recipe.Stages.Concat(trial.AfterStages))
        {
            // A dense variant is its own baseline.
            if (dense.TryGetValue("onnx", out var baseline))
                roles["baseline"] = baseline;

            var found = await Add(trial, stage, roles, record, result?.Stages.ElementAtOrDefault(place++));
            foreach (var role in found?.Artifacts.Keys ?? StageOutputs.Of(stage))
                roles[role] = own[role] = new(stages.Count - 1, role);
        }
    }

    /// <summary>The stages that a trial takes something from, directly or not, and its own, in the order in which they are made.</summary>
    public ImmutableArray<StageOrigin> Of(PlannedVariant trial)
    {
        var needed = new SortedSet<int>(Enumerable.Range(0, stages.Count).Where(index => stages[index].Path == trial.Path));
        var open = new Queue<int>(needed);
        while (open.TryDequeue(out var index))
        {
            foreach (var input in stages[index].Inputs.Where(input => needed.Add(input.MadeBy)))
                open.Enqueue(input.MadeBy);
        }

        var places = needed.Select((index, place) => (index, place)).ToDictionary(pair => pair.index, pair => pair.place);
        return [.. needed.Select(index => stages[index] with { Inputs = [.. stages[index].Inputs.Select(input => input with { MadeBy = places[input.MadeBy] })] })];
    }

    private string? HashOf(Source source) => stages[source.Stage].Record?.Artifacts.GetValueOrDefault(source.Role);

    private async Task<StageRecord?> Add(PlannedVariant trial, Stage stage, Dictionary<string, Source> roles, Func<string, Task<StageRecord?>> record, StageRecord? committed)
    {
        var recipe = trial.Recipe;
        var environment = StageEnvironment.Of(stage, inputs.Runtime);
        var takes = StageInputs.Of(stage);
        ImmutableArray<InputOrigin> taken =
        [
            .. takes.Required.Concat(takes.Optional).Where(roles.ContainsKey).Select(role => new InputOrigin(role, HashOf(roles[role]), roles[role].Stage)),
        ];
        var known = taken.All(input => input.Hash is not null);
        committed = committed?.Kind == stage.Kind ? committed : null;
        var key = committed is not null ? committed.Key
            : known ? StageKey.Of(stage, taken.ToDictionary(input => input.Role, input => input.Hash!), recipe.Data, recipe.Model, recipe.Numerics, recipe.Seed, environment)
            : null;
        var found = key is null ? null : await record(key) ?? committed;
        stages.Add(new(
            trial.Path, stage.Kind, key, StageKey.Enters(stage, recipe.Data, recipe.Model, recipe.Numerics, recipe.Seed, environment), taken, found,
            found is null ? [] : [.. found.Artifacts.Where(artifact => lost(artifact.Value)).Select(artifact => artifact.Key)]));
        return found;
    }

    /// <summary>A stage, and the role in which it makes an artifact: the dense onnx is another variant's baseline.</summary>
    private readonly record struct Source(int Stage, string Role);
}
