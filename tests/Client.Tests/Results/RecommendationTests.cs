using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Results;

public sealed class RecommendationTests
{
    private static readonly Goal Drop = new("accuracy_drop", 1);
    private static readonly Goal Latency = new("latency_ratio", 0.8);
    private static readonly Goal Size = new("size_ratio", 0.5);

    [Fact]
    public void Takes_the_fastest_variant_that_meets_all_goals_and_says_why_with_numbers()
    {
        var recommendation = Recommendation.Of(ThreeRows(), [Drop, Latency, Size]);
        Assert.Equal(2, recommendation.Index);
        Assert.Equal(
            "Deploy dense/sparse/ptq max (20ab20ab): the only variant that meets all goals, median 0.160 ms, 2.50x dense FP32, 90.0 KiB, validation top-1 96.67 % "
            + "(accuracy drop 0.833 points, goal 1, latency ratio 0.4, goal 0.8, size ratio 0.3, goal 0.5).",
            recommendation.Reason);
    }

    [Fact]
    public void Where_nothing_was_measured_takes_the_smallest_file_that_meets_all_goals()
    {
        var rows = ThreeRows().Select(row => row with { Result = row.Result! with { Latency = Contracts.Results.Latency.None(1, 1) } }).ToArray();
        Assert.Equal(
            "Deploy dense/sparse/ptq max (20ab20ab): the smallest of 3 variants that meet all goals, 90.0 KiB, validation top-1 96.67 % (accuracy drop 0.833 points, goal 1).",
            Recommendation.Of(rows, [Drop]).Reason);
    }

    [Fact]
    public void Judges_accuracy_on_validation_and_never_on_test()
    {
        TrialRow[] rows =
        [
            Row(0, "dense", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense/ptq max", VariantKind.Ptq, 0, top1: 0.99, difference: 0.02, median: 0.1, bytes: 300, validationTop1: 0.90, validationDifference: -0.07),
            Row(2, "dense/ptq mse", VariantKind.Ptq, 0, top1: 0.50, difference: -0.47, median: 0.2, bytes: 300, validationTop1: 0.97, validationDifference: 0),
        ];
        Assert.Equal(2, Recommendation.Of(rows, [Drop, Latency]).Index);
    }

    [Theory]
    [InlineData(0.1020, 2)] // Within 2 %: the smaller file wins.
    [InlineData(0.1021, 1)] // Beyond it: the faster one.
    public void Takes_the_smaller_file_where_medians_are_within_two_percent(double median, int expected)
    {
        TrialRow[] rows =
        [
            Row(0, "dense", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense/ptq max", VariantKind.Ptq, 0, 0.97, 0, median: 0.1, bytes: 300),
            Row(2, "dense/ptq mse", VariantKind.Ptq, 0, 0.97, 0, median, bytes: 299),
        ];
        Assert.Equal(expected, Recommendation.Of(rows, [Latency]).Index);
    }

    [Fact]
    public void Breaks_further_ties_by_validation_top1_and_then_by_index()
    {
        TrialRow[] rows =
        [
            Row(3, "dense #1", VariantKind.Dense, -1, 0.90, 0, 0.1, 300, validationTop1: 0.95),
            Row(2, "dense #2", VariantKind.Dense, -1, 0.99, 0, 0.1, 300, validationTop1: 0.96),
            Row(1, "dense #3", VariantKind.Dense, -1, 0.90, 0, 0.1, 300, validationTop1: 0.96),
        ];
        Assert.Equal(1, Recommendation.Of(rows, []).Index);
        Assert.Equal(1, Recommendation.Of([.. rows.Reverse()], []).Index);
    }

    [Fact]
    public void A_poor_baseline_excuses_nothing()
    {
        TrialRow[] rows =
        [
            Row(0, "dense lr=0.1", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense lr=0.1/ptq max", VariantKind.Ptq, 0, 0.965, -0.005, 0.2, 300),
            Row(2, "dense lr=9", VariantKind.Dense, -1, 0.10, 0, 0.4, 1000),
            Row(3, "dense lr=9/ptq max", VariantKind.Ptq, 2, 0.10, 0, 0.1, 300),
        ];
        Assert.Equal(1, Recommendation.Of(rows, [Drop, Latency]).Index);
    }

    [Fact]
    public void A_drop_on_the_edge_of_its_bound_meets_the_goal()
    {
        // 100 · (0.988 − 0.978) is 1.0000000000000009 in doubles.
        TrialRow[] rows =
        [
            Row(0, "dense", VariantKind.Dense, -1, 0.988, 0, 0.4, 1000),
            Row(1, "dense/ptq max", VariantKind.Ptq, 0, 0.978, -0.01, 0.2, 300),
        ];
        Assert.Equal(1, Recommendation.Of(rows, [Drop, Latency]).Index);
    }

    [Fact]
    public void A_machine_that_slowed_down_for_a_while_decides_nothing()
    {
        var disturbed = Row(2, "dense/qat", VariantKind.Qat, 0, 0.97, 0, median: 0.3, bytes: 300);
        disturbed = disturbed with { Result = disturbed.Result! with { Latency = disturbed.Result.Latency with { BaselineMedianMs = 1.2 } } };
        TrialRow[] rows =
        [
            Row(0, "dense", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense/ptq max", VariantKind.Ptq, 0, 0.97, 0, median: 0.2, bytes: 300),
            disturbed,
        ];
        Assert.Equal(2, Recommendation.Of(rows, [Latency]).Index);
    }

    [Fact]
    public void Names_the_goal_that_stops_the_nearest_candidate_where_none_meets_all()
    {
        var recommendation = Recommendation.Of(ThreeRows(), [new("accuracy_drop", 0.5), Latency]);
        Assert.Null(recommendation.Index);
        Assert.Equal(
            "No variant meets all goals: the nearest, dense (00ab00ab), has latency ratio 1, and the goal is latency ratio at most 0.8.", recommendation.Reason);
    }

    [Fact]
    public void Never_recommends_a_diverged_or_failed_variant()
    {
        TrialRow[] rows =
        [
            Row(0, "dense", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense/qat max", VariantKind.Qat, 0, 0.97, 0, 0.1, 300, diverged: true),
            Failed(2, "dense/ptq max", 0, "disk full"),
        ];
        Assert.Equal(0, Recommendation.Of(rows, []).Index);
        Assert.Equal("No variant can be recommended: none has a finished result.", Recommendation.Of([rows[2]], [Drop]).Reason);
    }

    [Fact]
    public void Never_recommends_what_is_made_from_a_diverged_variant_nor_names_it_as_the_nearest()
    {
        TrialRow[] rows =
        [
            Row(0, "dense lr=0.1", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000),
            Row(1, "dense lr=9", VariantKind.Dense, -1, 0.1, 0, 0.4, 1000, diverged: true),
            Row(2, "dense lr=9/sparse", VariantKind.Sparse, 1, 0.1, 0, 0.4, 1000),
            Row(3, "dense lr=9/sparse/qat", VariantKind.Qat, 2, 0.5, 0.4, 0.1, 300),
        ];
        Assert.Equal(0, Recommendation.Of(rows, [Drop]).Index);
        Assert.Contains("the nearest, dense lr=0.1 (00ab00ab)", Recommendation.Of(rows, [Latency]).Reason);
        Assert.Equal(
            "No variant can be recommended: the training of every finished one, or of what it is made from, diverged. Try a lower learning rate.",
            Recommendation.Of(rows[1..], []).Reason);
    }

    [Fact]
    public void A_value_that_cannot_be_told_meets_no_goal()
    {
        var orphan = Row(5, "dense/ptq max", VariantKind.Ptq, parent: 4, 0.97, 0, 0.1, 300);
        var check = new SweepGoals([Size], [orphan]).Of(orphan).Single();
        Assert.True(double.IsNaN(check.Value));
        Assert.False(check.Met);
    }

    [Fact]
    public void Accuracy_drops_from_the_best_dense_variant_of_the_same_seed_that_did_not_diverge()
    {
        static TrialRow Of(int seed, TrialRow row) => row with { Seed = seed };
        TrialRow[] rows =
        [
            Of(7, Row(0, "dense a", VariantKind.Dense, -1, 0.97, 0, 0.4, 1000)),
            Of(7, Row(1, "dense b", VariantKind.Dense, -1, 0.90, 0, 0.4, 1000)),
            Of(7, Row(2, "dense c", VariantKind.Dense, -1, 0.99, 0, 0.4, 1000, diverged: true)),
            Of(8, Row(3, "dense a #2", VariantKind.Dense, -1, 0.98, 0, 0.4, 1000)),
            Of(7, Row(4, "dense b/ptq", VariantKind.Ptq, 1, 0.89, -0.01, 0.1, 300)),
            Of(8, Row(5, "dense a #2/ptq", VariantKind.Ptq, 3, 0.96, -0.02, 0.1, 300)),
            Of(7, Row(6, "dense c/ptq", VariantKind.Ptq, 2, 0.98, -0.01, 0.1, 300)),
        ];
        var goals = new SweepGoals([Drop], rows);

        Assert.Equal([0, 7, 0, 0, 8, 2, 1], rows.Select(row => Assert.Single(goals.Of(row)).Value));
    }

    [Fact]
    public void A_goal_with_an_unknown_metric_is_refused_with_the_known_ones() =>
        Assert.Contains("accuracy_drop, latency_ratio and size_ratio", Assert.Throws<ArgumentException>(() => Recommendation.Of(ThreeRows(), [new("energy", 1)])).Message);
}
