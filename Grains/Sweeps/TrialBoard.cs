using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// Where each trial of a plan stands, and which may start next. One byte a trial: its state in two bits, reuse in a third. Counts and the queue of what may start
/// follow each change, so that no question costs a pass over the plan.
/// </summary>
public sealed class TrialBoard
{
    private const byte StateBits = 0b011;
    private const byte ReusedBit = 0b100;

    private readonly byte[] states;
    private readonly IDictionary<int, string> failures;
    private readonly Action<int> touched;
    private readonly TrialTree tree;
    private readonly int[] counts = new int[4];
    private readonly SortedSet<int> ready = [];               // ranks in the launch order
    private readonly HashSet<int> running = [];               // first trials

    /// <summary>A board over the bytes and messages that a sweep stores; it writes to both.</summary>
    /// <param name="plan">The trials, indexed from 0 in order, each after its parent.</param>
    /// <param name="states">One byte a trial; all 0 for a sweep that starts.</param>
    /// <param name="failures">Message of each trial whose own variant failed.</param>
    /// <param name="touched">Told the index of each trial that changes; null for nobody.</param>
    /// <exception cref="ArgumentException">There is not one byte for each trial.</exception>
    public TrialBoard(ImmutableArray<PlannedVariant> plan, byte[] states, IDictionary<int, string> failures, Action<int>? touched = null)
    {
        if (plan.Length != states.Length)
            throw new ArgumentException($"The plan has {plan.Length} trials and the sweep remembers {states.Length}; submit it again.", nameof(states));

        (Plan, this.states, this.failures, this.touched) = (plan, states, failures, touched ?? (_ => { }));
        tree = new(plan);
        for (var trial = 0; trial < states.Length; trial++)
            Count(trial, 1);
        for (var trial = 0; trial < states.Length; trial++)
            Queue(trial);
    }

    /// <summary>The trials.</summary>
    public ImmutableArray<PlannedVariant> Plan { get; }

    /// <summary>Where one trial stands.</summary>
    public TrialState this[int trial] => (TrialState)(states[trial] & StateBits);

    /// <summary>Distinct variants that run.</summary>
    public IEnumerable<VariantId> Running => running.Order().Select(trial => Plan[trial].Variant);

    /// <summary>Distinct variants that run, or have run for this sweep to an end of their own: what a budget of trials counts.</summary>
    public int Spent { get; private set; }

    /// <summary>True where the plan has that variant.</summary>
    public bool Has(VariantId variant) => tree.Has(variant);

    /// <summary>The variant's first trial.</summary>
    public PlannedVariant TrialOf(VariantId variant) => Plan[tree.FirstOf(variant)];

    /// <summary>Where a variant's trials stand.</summary>
    public TrialState StateOf(VariantId variant) => this[tree.FirstOf(variant)];

    /// <summary>True where the result was there before the sweep asked.</summary>
    public bool IsReused(int trial) => (states[trial] & ReusedBit) != 0;

    /// <summary>Number of trials in a state.</summary>
    public int Count(TrialState state) => counts[(int)state];

    /// <summary>Number of trials whose result was there before the sweep asked.</summary>
    public int Reused { get; private set; }

    /// <summary>Waiting variants whose parent is finished, one trial each; the longest way to a leaf first, at equal length the smaller index.</summary>
    public IEnumerable<PlannedVariant> Ready() => ready.Select(rank => Plan[tree.AtRank(rank)]);

    /// <summary>The variant's result is committed.</summary>
    public void Finish(VariantId variant, bool reused) => Set(variant, (byte)((byte)TrialState.Finished | (reused ? ReusedBit : 0)));

    /// <summary>The variant holds a slot.</summary>
    public void Run(VariantId variant) => Set(variant, (byte)TrialState.Running);

    /// <summary>The variant waits for a slot (again).</summary>
    public void Wait(VariantId variant) => Set(variant, (byte)TrialState.Waiting);

    /// <summary>The variant could not be run, so that none can that starts from it.</summary>
    public void Fail(VariantId variant, string message)
    {
        foreach (var trial in tree.TrialsOf(variant).ToArray())
            Change(trial, () => (states[trial], failures[trial]) = ((byte)TrialState.Failed, message));

        var failed = new Stack<int>(tree.TrialsOf(variant));
        while (failed.TryPop(out var parent))
        {
            foreach (var child in tree.ChildrenOf(parent).Where(child => this[child] == TrialState.Waiting))
            {
                Change(child, () => states[child] = (byte)TrialState.Failed);
                failed.Push(child);
            }
        }
    }

    /// <summary>Failed trials wait again, and so do those that failed with them.</summary>
    /// <param name="which">Of a trial that failed by itself, whether it is meant; null for all.</param>
    /// <returns>How many had failed by themselves.</returns>
    public int Retry(Func<int, bool>? which = null)
    {
        var own = 0;
        var again = Enumerable.Range(0, states.Length)
            .Where(trial => this[trial] == TrialState.Failed && (which is null || which(FailedFirst(trial))))
            .ToArray();
        foreach (var trial in again)
        {
            Change(trial, () =>
            {
                states[trial] = (byte)TrialState.Waiting;
                own += failures.Remove(trial) ? 1 : 0;
            });
        }

        return own;
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
        foreach (var trial in tree.TrialsOf(variant))
            Change(trial, () => states[trial] = state);
    }

    private void Change(int trial, Action change)
    {
        Count(trial, -1);
        change();
        Count(trial, 1);
        Queue(trial);
        foreach (var child in tree.ChildrenOf(trial))
            Queue(child);
        touched(trial);
    }

    private void Count(int trial, int by)
    {
        counts[(int)this[trial]] += by;
        Reused += IsReused(trial) ? by : 0;
        if (!tree.IsFirst(trial))
            return;

        if (this[trial] == TrialState.Running || (this[trial] == TrialState.Finished && !IsReused(trial)) || failures.ContainsKey(trial))
            Spent += by;
        if (by > 0 && this[trial] == TrialState.Running)
            running.Add(trial);
        else
            running.Remove(trial);
    }

    private void Queue(int trial)
    {
        var parent = Plan[trial].Parent;
        if (this[trial] == TrialState.Waiting && tree.IsFirst(trial) && (parent < 0 || this[parent] == TrialState.Finished))
            ready.Add(tree.RankOf(trial));
        else
            ready.Remove(tree.RankOf(trial));
    }
}
