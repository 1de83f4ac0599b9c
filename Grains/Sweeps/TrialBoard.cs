using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Where each trial of a plan stands, and which may start next. One byte a trial: its state in two bits, reuse in a third.</summary>
public sealed class TrialBoard
{
    private const byte StateBits = 0b011;
    private const byte ReusedBit = 0b100;

    private readonly byte[] states;
    private readonly IDictionary<int, string> failures;
    private readonly Dictionary<VariantId, int[]> trialsOf;
    private readonly int[] launchOrder;

    /// <summary>A board over the bytes and messages that a sweep stores; it writes to both.</summary>
    /// <param name="plan">The trials, indexed from 0 in order, each after its parent.</param>
    /// <param name="states">One byte a trial; all 0 for a sweep that starts.</param>
    /// <param name="failures">Message of each trial whose own variant failed.</param>
    /// <exception cref="ArgumentException">There is not one byte for each trial.</exception>
    public TrialBoard(ImmutableArray<PlannedVariant> plan, byte[] states, IDictionary<int, string> failures)
    {
        if (plan.Length != states.Length)
            throw new ArgumentException($"The plan has {plan.Length} trials and the sweep remembers {states.Length}; submit it again.", nameof(states));

        (Plan, this.states, this.failures) = (plan, states, failures);
        trialsOf = plan.GroupBy(trial => trial.Variant).ToDictionary(trials => trials.Key, trials => trials.Select(trial => trial.Index).ToArray());
        launchOrder = LaunchOrder(plan);
    }

    /// <summary>The trials.</summary>
    public ImmutableArray<PlannedVariant> Plan { get; }

    /// <summary>Where one trial stands.</summary>
    public TrialState this[int trial] => (TrialState)(states[trial] & StateBits);

    /// <summary>Distinct variants.</summary>
    public IEnumerable<VariantId> Variants => trialsOf.Keys;

    /// <summary>Distinct variants that run.</summary>
    public IEnumerable<VariantId> Running => trialsOf.Keys.Where(variant => StateOf(variant) == TrialState.Running);

    /// <summary>Distinct variants that run, or have run for this sweep to an end of their own: what a budget of trials counts.</summary>
    public int Spent => trialsOf.Values.Count(trials =>
        this[trials[0]] is TrialState.Running || (this[trials[0]] is TrialState.Finished && !IsReused(trials[0])) || failures.ContainsKey(trials[0]));

    /// <summary>True where the plan has that variant.</summary>
    public bool Has(VariantId variant) => trialsOf.ContainsKey(variant);

    /// <summary>The variant's first trial.</summary>
    public PlannedVariant TrialOf(VariantId variant) => Plan[trialsOf[variant][0]];

    /// <summary>Where a variant's trials stand.</summary>
    public TrialState StateOf(VariantId variant) => this[trialsOf[variant][0]];

    /// <summary>True where the result was there before the sweep asked.</summary>
    public bool IsReused(int trial) => (states[trial] & ReusedBit) != 0;

    /// <summary>Number of trials in a state.</summary>
    public int Count(TrialState state) => states.Count(value => (TrialState)(value & StateBits) == state);

    /// <summary>Number of trials whose result was there before the sweep asked.</summary>
    public int Reused => states.Count(value => (value & ReusedBit) != 0);

    /// <summary>Waiting variants whose parent is finished, one trial each; the longest way to a leaf first, at equal length the smaller index.</summary>
    public IEnumerable<PlannedVariant> Ready() => launchOrder
        .Select(trial => Plan[trial])
        .Where(trial => this[trial.Index] == TrialState.Waiting && (trial.Parent < 0 || this[trial.Parent] == TrialState.Finished)
            && trialsOf[trial.Variant][0] == trial.Index);

    /// <summary>The variant's result is committed.</summary>
    public void Finish(VariantId variant, bool reused) => Set(variant, (byte)((byte)TrialState.Finished | (reused ? ReusedBit : 0)));

    /// <summary>The variant holds a slot.</summary>
    public void Run(VariantId variant) => Set(variant, (byte)TrialState.Running);

    /// <summary>The variant waits for a slot (again).</summary>
    public void Wait(VariantId variant) => Set(variant, (byte)TrialState.Waiting);

    /// <summary>The variant could not be run, so that none can that starts from it.</summary>
    public void Fail(VariantId variant, string message)
    {
        Set(variant, (byte)TrialState.Failed);
        foreach (var trial in trialsOf[variant])
            failures[trial] = message;

        // A trial comes after its parent, so one pass reaches every descendant.
        foreach (var trial in Plan.Where(trial => trial.Parent >= 0 && this[trial.Parent] == TrialState.Failed && this[trial.Index] == TrialState.Waiting))
            states[trial.Index] = (byte)TrialState.Failed;
    }

    /// <summary>Failed trials wait again, and so do those that failed with them.</summary>
    /// <param name="which">Of a trial that failed by itself, whether it is meant; null for all.</param>
    /// <returns>How many had failed by themselves.</returns>
    public int Retry(Func<int, bool>? which = null)
    {
        var again = Enumerable.Range(0, states.Length)
            .Where(trial => this[trial] == TrialState.Failed && (which is null || which(FailedFirst(trial))))
            .ToArray();
        foreach (var trial in again)
            states[trial] = (byte)TrialState.Waiting;

        return again.Count(trial => failures.Remove(trial));
    }

    /// <summary>The trial whose own variant failed: a failed trial itself, or the ancestor that it failed with; −1 where the sweep does not remember.</summary>
    public int FailedFirst(int trial)
    {
        while (trial >= 0 && !failures.ContainsKey(trial))
            trial = Plan[trial].Parent;
        return trial;
    }

    /// <summary>Why a trial failed; null where it did not.</summary>
    public string? FailureOf(int trial)
    {
        if (this[trial] != TrialState.Failed)
            return null;

        if (failures.TryGetValue(trial, out var own))
            return own;

        var root = FailedFirst(trial);
        var who = root == Plan[trial].Parent ? "its parent failed" : $"its ancestor {(root < 0 ? "" : Plan[root].Path)} failed";
        return $"{who}: {(failures.TryGetValue(root, out var why) ? why : "")}";
    }

    private void Set(VariantId variant, byte state)
    {
        foreach (var trial in trialsOf[variant])
            states[trial] = state;
    }

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
