using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Tests.Permutation;

public sealed class PermutationSearchTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private static int Rounds => Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 200 : 12;

    public static TheoryData<PermutationStrategy> Strategies => [.. Enum.GetValues<PermutationStrategy>()];

    [Theory]
    [InlineData(PermutationStrategy.WholeMatrix)]
    [InlineData(PermutationStrategy.StripePairs)]
    [InlineData(PermutationStrategy.ChannelSwap)]
    [InlineData(PermutationStrategy.ProgressiveSwap)]
    public void Two_columns_that_compete_within_their_groups_are_parted(PermutationStrategy strategy)
    {
        // One row: 2:4 keeps two of the three large values of the first group, and one large and one small of the second.
        var matrix = ColumnMagnitudes.Of([9, 8, 7, 1, 6, 2, 1, 1], 8);
        var found = PermutationSearch.Find(matrix, new(strategy, Escapes: 0), new(1, "test"), Stop);
        Assert.Equal((25.0, 30.0), (found.KeptBefore, found.KeptAfter));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Whatever_the_matrix_the_order_is_a_permutation_and_keeps_what_it_says_and_never_less_than_none(PermutationStrategy strategy)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var random = new CounterRandom(round, "shapes");
            var columns = 4 * random.Integer(1, strategy == PermutationStrategy.WholeMatrix ? 4 : 9, 0);
            var (values, matrix) = Matrix(random.Integer(1, 70, 1), columns, round);
            var found = PermutationSearch.Find(matrix, new(strategy, Escapes: 3, Tries: 500), new(round, "test"), Stop);

            Assert.Equal(Enumerable.Range(0, columns), found.Permutation.Source.Order());
            Assert.Equal(KeptMagnitude.Of(values, columns), found.KeptBefore, 1e-9);
            Assert.Equal(KeptMagnitude.Of(Permuted(values, found.Permutation), columns), found.KeptAfter, 1e-9);
            Assert.True(found.KeptAfter >= found.KeptBefore, $"{strategy} of {matrix.Rows}x{columns}: {found}");
        }
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void The_same_seed_finds_the_same_order_with_any_number_of_threads(PermutationStrategy strategy)
    {
        var (_, matrix) = Matrix(300, strategy == PermutationStrategy.WholeMatrix ? 16 : strategy == PermutationStrategy.StripeTriples ? 24 : 48, 5);
        var escapes = strategy == PermutationStrategy.StripeTriples ? 1 : 10;
        FoundPermutation Find(int threads, int seed) => PermutationSearch.Find(matrix, new(strategy, escapes, 2000, threads), new(seed, "test"), Stop);

        var one = Find(1, 1);
        Assert.Equal(one, Find(2, 1));
        Assert.Equal(one, Find(5, 1));
    }

    [Fact]
    public void Large_matrices_are_scored_in_single_precision_and_still_never_lose()
    {
        var (values, matrix) = Matrix(16_400, 64, 3);         // above the bound for double precision
        Assert.True((long)matrix.Rows * matrix.Columns > 1 << 20);
        var one = PermutationSearch.Find(matrix, new(Escapes: 2), new(1, "test"), Stop);
        Assert.Equal(KeptMagnitude.Of(Permuted(values, one.Permutation), 64), one.KeptAfter, 1e-6);
        Assert.True(one.KeptAfter > one.KeptBefore);
        Assert.Equal(one, PermutationSearch.Find(matrix, new(Escapes: 2, Threads: 2), new(1, "test"), Stop));
    }

    [Theory]
    [InlineData(64, "62 24 63 13 15 45 52 46 16 30 28 42 23 20 25 26")]
    [InlineData(16_400, "0 61 36 19 4 24 11 38 8 18 30 56 12 5 41 48")]
    public void The_order_found_is_pinned_since_it_is_part_of_what_recipes_make(int rows, string order)
    {
        var random = new CounterRandom(1, "pinned");
        var matrix = ColumnMagnitudes.Of([.. Enumerable.Range(0, rows * 64).Select(i => (float)random.Uniform(i))], 64);
        var found = PermutationSearch.Find(matrix, new(Escapes: 2), new(1, "test"), Stop).Permutation;
        Assert.Equal(order, string.Join(' ', found.Source.Take(16)));
    }

    [Fact]
    public void More_escapes_never_find_less()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (_, matrix) = Matrix(12, 32, round);
            double Kept(int escapes) => PermutationSearch.Find(matrix, new(Escapes: escapes), new(1, "test"), Stop).KeptAfter;
            Assert.True(Kept(5) >= Kept(0) && Kept(25) >= Kept(5), $"round {round}");
        }
    }

    [Fact]
    public void The_whole_matrix_search_finds_what_trying_every_partition_finds()
    {
        var orders = CanonicalPartitions.Of(12);
        for (var round = 0; round < 3; round++)
        {
            var (_, matrix) = Matrix(6, 12, round);
            var best = orders.Max(order => matrix.Kept(order.AsSpan()));
            Assert.Equal(best, PermutationSearch.Find(matrix, new(PermutationStrategy.WholeMatrix), new(1, "test"), Stop).KeptAfter, 1e-12);
        }
    }

    [Fact]
    public void Both_scores_of_partitions_agree_with_adding_up_the_groups()
    {
        var (_, matrix) = Matrix(1100, 12, 7);
        foreach (var window in (StripeWindow[])[StripeWindow.Pair, StripeWindow.Triple])
        {
            int[] columns = [.. Enumerable.Range(0, 12).Reverse().Take(window.Columns)];
            var (exact, single) = (new double[window.Partitions.Length], new double[window.Partitions.Length]);
            window.Score<double>(matrix, columns, exact);
            window.Score<float>(matrix, columns, single);
            for (var partition = 0; partition < exact.Length; partition++)
            {
                var kept = matrix.Kept([.. window.Partitions[partition].Select(place => columns[place])]);
                Assert.Equal(kept, exact[partition], 1e-9);
                Assert.Equal(kept, single[partition], kept * 1e-6);
            }
        }
    }

    [Fact]
    public void What_no_order_can_improve_is_left_as_it_is()
    {
        Assert.True(PermutationSearch.Find(ColumnMagnitudes.Of(new float[64], 16), new(), new(1, "test"), Stop).Permutation.IsIdentity);
        float[] pruned = [.. Enumerable.Range(0, 24 * 10).Select(i => i % 4 < 2 ? 1f + i % 7 : 0)];
        var found = PermutationSearch.Find(ColumnMagnitudes.Of(pruned, 24), new(), new(1, "test"), Stop);
        Assert.Equal(found.KeptBefore, found.KeptAfter);
    }

    [Fact]
    public void Values_that_overflow_single_precision_are_compared_all_the_same()
    {
        var (values, _) = Matrix(40, 24, 2);
        var huge = ColumnMagnitudes.Of([.. values.Select(value => value * 5e37f)], 24);
        var found = PermutationSearch.Find(huge, new(Escapes: 1), new(1, "test"), Stop);
        Assert.True(double.IsFinite(found.KeptAfter) && found.KeptAfter > found.KeptBefore);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_value_that_is_not_finite_is_refused_with_its_place(float value, string text)
    {
        var values = new float[24];
        values[13] = value;
        var error = Assert.Throws<ArgumentException>(() => ColumnMagnitudes.Of(values, 8));
        Assert.StartsWith($"The matrix is {text.Replace("Infinity", "∞")} at row 1, column 5", error.Message.Replace("Infinity", "∞"), StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_make_no_groups_of_four_are_refused()
    {
        var matrix = ColumnMagnitudes.Of(new float[30], 10);
        var error = Assert.Throws<ArgumentException>(() => PermutationSearch.Find(matrix, new(), new(1, "test"), Stop));
        Assert.StartsWith("C is 10: groups of four need a multiple of 4", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ColumnMagnitudes.Of(new float[30], 8));
        Assert.Throws<ArgumentException>(() => PermutationSearch.Find(ColumnMagnitudes.Of(new float[8], 8), new(Threads: 0), new(1, "test"), Stop));
    }

    [Fact]
    public void A_search_that_is_stopped_ends()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var (_, matrix) = Matrix(20, 32, 1);
        Assert.ThrowsAny<OperationCanceledException>(() => PermutationSearch.Find(matrix, new(), new(1, "test"), source.Token));
    }

    [Fact]
    public void An_order_that_is_no_permutation_is_refused_and_the_inverse_undoes_one()
    {
        Assert.Contains("Place 2 takes channel 0", Assert.Throws<ArgumentException>(() => new ChannelPermutation([0, 1, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("channel 3", Assert.Throws<ArgumentException>(() => new ChannelPermutation([0, 3, 1])).Message, StringComparison.Ordinal);
        var permutation = new ChannelPermutation([2, 0, 3, 1]);
        Assert.Equal([0, 1, 2, 3], permutation.Inverted().Source.Select(place => permutation.Source[place]));
    }

    internal static (float[] Values, ColumnMagnitudes Matrix) Matrix(int rows, int columns, int seed)
    {
        var random = new CounterRandom(seed, "matrix");
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(i => (float)random.Normal(i))];
        return (values, ColumnMagnitudes.Of(values, columns));
    }

    private static float[] Permuted(float[] matrix, ChannelPermutation permutation) =>
        [.. matrix.Chunk(permutation.Source.Length).SelectMany(row => permutation.Source.Select(column => row[column]))];
}
