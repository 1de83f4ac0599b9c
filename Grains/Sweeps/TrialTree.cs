using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What never changes about the trials of a plan: children, trials of one variant, and the order in which they are started. Built in one pass.</summary>
internal sealed class TrialTree
{
    private const int None = -1;

    private readonly Dictionary<VariantId, int> first;
    private readonly ImmutableArray<PlannedVariant> plan;
    private readonly int[] nextOfVariant;
    private readonly int[] firstChild;
    private readonly int[] nextSibling;
    private readonly int[] launchOrder;
    private readonly int[] rank;

    public TrialTree(ImmutableArray<PlannedVariant> plan)
    {
        this.plan = plan;
        first = new(plan.Length);
        (nextOfVariant, firstChild, nextSibling, rank) = (Nobody(plan), Nobody(plan), Nobody(plan), new int[plan.Length]);

        // From the end, so that each list begins with its smallest index.
        for (var trial = plan.Length - 1; trial >= 0; trial--)
        {
            nextOfVariant[trial] = first.GetValueOrDefault(plan[trial].Variant, None);
            first[plan[trial].Variant] = trial;
            if (plan[trial].Parent is >= 0 and var parent)
                (nextSibling[trial], firstChild[parent]) = (firstChild[parent], trial);
        }

        launchOrder = LaunchOrder(plan);
        for (var place = 0; place < launchOrder.Length; place++)
            rank[launchOrder[place]] = place;
    }

    /// <summary>True where the plan has that variant.</summary>
    public bool Has(VariantId variant) => first.ContainsKey(variant);

    /// <summary>The variant's trial with the smallest index.</summary>
    public int FirstOf(VariantId variant) => first[variant];

    /// <summary>True where the trial is the first of its variant: the one that is started.</summary>
    public bool IsFirst(int trial) => first[plan[trial].Variant] == trial;

    /// <summary>All trials of a variant.</summary>
    public IEnumerable<int> TrialsOf(VariantId variant) => List(first[variant], nextOfVariant);

    /// <summary>The trials that start from a trial.</summary>
    public IEnumerable<int> ChildrenOf(int trial) => List(firstChild[trial], nextSibling);

    /// <summary>A trial's place in the launch order.</summary>
    public int RankOf(int trial) => rank[trial];

    /// <summary>The trial at a place of the launch order.</summary>
    public int AtRank(int place) => launchOrder[place];

    private static int[] Nobody(ImmutableArray<PlannedVariant> plan)
    {
        var nobody = new int[plan.Length];
        Array.Fill(nobody, None);
        return nobody;
    }

    private static IEnumerable<int> List(int from, int[] next)
    {
        for (var trial = from; trial != None; trial = next[trial])
            yield return trial;
    }

    // The critical path first.
    private static int[] LaunchOrder(ImmutableArray<PlannedVariant> plan)
    {
        var remaining = plan.Select(Cost).ToArray();
        for (var trial = plan.Length - 1; trial >= 0; trial--)
        {
            if (plan[trial].Parent is >= 0 and var parent)
                remaining[parent] = Math.Max(remaining[parent], Cost(plan[parent]) + remaining[trial]);
        }

        return [.. Enumerable.Range(0, plan.Length).OrderByDescending(trial => remaining[trial]).ThenBy(trial => trial)];
    }

    // Epochs are what takes time; the one more stands for export, evaluation and measurement.
    private static int Cost(PlannedVariant trial) => 1 + Planner.TrainingEpochs(trial.Recipe);
}
