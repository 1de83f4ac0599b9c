using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class TrialBoardTests
{
    private static readonly DataIdentity Data = new("digits-csv", new('d', 64), 0.15, 0.2, 0);
    private static readonly NumericsFingerprint Numerics = new(1, "0", "cpu", "fp32", "eager", 1);

    private readonly SortedDictionary<int, string> failures = [];

    [Fact]
    public void The_longest_way_to_a_leaf_starts_first_and_nothing_before_its_parent()
    {
        var board = Board(out _, "max");
        Assert.Equal([VariantKind.Dense], board.Ready().Select(trial => trial.Recipe.Kind));

        board.Run(board.Plan[0].Variant);
        Assert.Empty(board.Ready());
        board.Finish(board.Plan[0].Variant, reused: false);

        Assert.Equal([VariantKind.Sparse, VariantKind.Ptq], board.Ready().Select(trial => trial.Recipe.Kind));
    }

    [Fact]
    public void A_failure_reaches_every_descendant_and_each_says_whose_it_was()
    {
        var board = Board(out var states, "max");
        board.Fail(board.Plan[0].Variant, "disk full");

        Assert.Equal(4, board.Count(TrialState.Failed));
        Assert.Equal("disk full", board.FailureOf(0));
        var sparse = board.Plan.Single(trial => trial.Recipe.Kind == VariantKind.Sparse);
        Assert.Equal("its parent failed: disk full", board.FailureOf(sparse.Index));
        var grandchild = board.Plan.Single(trial => trial.Parent == sparse.Index);
        Assert.Equal($"its ancestor {board.Plan[0].Path} failed: disk full", board.FailureOf(grandchild.Index));
        Assert.Equal(1, board.Spent);

        var again = new TrialBoard(board.Plan, states, failures);
        Assert.Equal("disk full", again.FailureOf(0));
    }

    [Fact]
    public void Trials_of_one_variant_start_once_and_end_together()
    {
        var spec = Specs.Tree("twice", "max", "max");
        var board = new TrialBoard(Planner.Plan(spec, Data, Numerics), new byte[6], failures);
        board.Finish(board.Plan[0].Variant, reused: true);
        Assert.Equal(1, board.Ready().Count(trial => trial.Recipe.Kind == VariantKind.Ptq));

        var ptq = board.Ready().Single(trial => trial.Recipe.Kind == VariantKind.Ptq);
        board.Run(ptq.Variant);

        Assert.Equal((2, 1), (board.Count(TrialState.Running), board.Running.Count()));
        board.Finish(ptq.Variant, reused: false);
        Assert.Equal((3, 1, 1), (board.Count(TrialState.Finished), board.Reused, board.Spent));
    }

    [Fact]
    public void A_board_of_another_plan_is_refused() =>
        Assert.Throws<ArgumentException>(() => new TrialBoard(Planner.Plan(Specs.Tree("s", "max"), Data, Numerics), new byte[3], failures));

    /// <summary>The board's counts and queue beside those counted anew from its bytes, through random changes.</summary>
    [Fact]
    public void Counts_and_the_queue_follow_every_change()
    {
        var changes = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 20_000 : 500;
        for (var seed = 1; seed <= 4; seed++)
        {
            var random = new Random(seed);
            failures.Clear();
            var plan = Planner.Plan(Specs.Tree("random", "max", "mse", "max", "entropy") with { Replicates = 3 }, Data, Numerics);
            var states = new byte[plan.Length];
            var touched = new HashSet<int>();
            var board = new TrialBoard(plan, states, failures, trial => touched.Add(trial));
            for (var change = 0; change < changes; change++)
            {
                var before = states.ToArray();
                touched.Clear();
                var variant = plan[random.Next(plan.Length)].Variant;
                Action act = random.Next(random.Next(10) == 0 ? 6 : 4) switch
                {
                    0 => () => board.Run(variant),
                    1 => () => board.Finish(variant, reused: false),
                    2 => () => board.Finish(variant, reused: true),
                    3 => () => board.Wait(variant),
                    4 => () => board.Fail(variant, "why"),
                    _ => () => board.Retry(),
                };
                act();

                Assert.Subset(touched, Enumerable.Range(0, plan.Length).Where(trial => states[trial] != before[trial]).ToHashSet());
                var again = new TrialBoard(plan, [.. states], new SortedDictionary<int, string>(failures));
                Assert.Equal(Enum.GetValues<TrialState>().Select(again.Count), Enum.GetValues<TrialState>().Select(board.Count));
                Assert.Equal((again.Spent, again.Reused), (board.Spent, board.Reused));
                Assert.Equal(again.Running, board.Running);
                Assert.Equal(again.Ready().Select(trial => trial.Index), board.Ready().Select(trial => trial.Index));
                Assert.Equal(states.Count(state => (state & 3) == 2), board.Count(TrialState.Finished));
                Assert.Equal(ReadyAnew(plan, board), board.Ready().Select(trial => trial.Index).Order());
            }
        }
    }

    private static IEnumerable<int> ReadyAnew(ImmutableArray<PlannedVariant> plan, TrialBoard board) => plan
        .Where(trial => board[trial.Index] == TrialState.Waiting && (trial.Parent < 0 || board[trial.Parent] == TrialState.Finished)
            && plan.First(other => other.Variant == trial.Variant).Index == trial.Index)
        .Select(trial => trial.Index);

    private TrialBoard Board(out byte[] states, params string[] methods)
    {
        var plan = Planner.Plan(Specs.Tree("board", methods), Data, Numerics);
        states = new byte[plan.Length];
        return new(plan, states, failures);
    }
}
