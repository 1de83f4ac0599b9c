using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Origins;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Where the sweep's variants come from. The rules are <see cref="OriginWalk"/>'s.</summary>
public sealed partial class SweepGrain
{
    /// <inheritdoc/>
    public async Task<VariantOrigin?> Origin(int trial)
    {
        if (board is not { } now || trial < 0 || trial >= now.Plan.Length)
            return null;

        var stages = await StagesOf(now.Plan, trial, Own.Spec!, Own.Inputs!);
        return Told(now.Plan[trial], Own.Submitted, now[trial], now.IsReused(trial), stages);
    }

    /// <inheritdoc/>
    public async Task<VariantOrigin?> FormerOrigin(string path)
    {
        if (Own.Former is not { Spec: var spec, Inputs: var inputs, Submitted: var submitted })
            return null;

        var plan = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model?.Settings);
        if (plan.FirstOrDefault(trial => trial.Path == path) is not { } former)
            return null;

        return Told(former, submitted, TrialState.Waiting, reused: false, await StagesOf(plan, former.Index, spec, inputs));
    }

    private VariantOrigin Told(PlannedVariant trial, DateTimeOffset submitted, TrialState state, bool reused, ImmutableArray<StageOrigin> stages) =>
        new(Name, submitted, trial.Index, trial.Path, trial.Variant, state, reused, trial.Recipe, stages);

    private async Task<ImmutableArray<StageOrigin>> StagesOf(ImmutableArray<PlannedVariant> plan, int trial, SweepSpec spec, PlanInputs inputs)
    {
        var line = new Stack<PlannedVariant>();
        for (var at = trial; at >= 0; at = plan[at].Parent)
            line.Push(plan[at]);

        var walk = new OriginWalk(inputs, hash => !artifacts.Exists(hash));
        foreach (var ancestor in line)
        {
            var result = await GrainFactory.GetGrain<IResultGrain>(KeyOf(ancestor.Variant, spec, inputs)).Get();
            await walk.Through(ancestor, key => GrainFactory.GetGrain<IStageGrain>(key).Record(), result);
        }

        return walk.Of(plan[trial]);
    }
}
