using System.Runtime.InteropServices;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>The search for a channel permutation against apex.contrib.sparsity's, its path for the processor.</summary>
internal static class PermutationCases
{
    private static readonly CounterRandom Random = new(1, "golden");

    public static double Compare(GoldenCase each) => each.Function switch
    {
        "permutation_utilities.try_swap" => Exchanges(each, "table", pairs: null),
        "permutation_utilities.efficacy" => Efficacy(each),
        "generate_all_unique_combinations" => Partitions(each),
        "Exhaustive_Search" => Exhaustive(each),
        "Channel_Swap" => Search(each, new(PermutationStrategy.ChannelSwap, Escapes(each))),
        "accelerated_search_for_good_permutation" when each.Output("draws") is not null && each.Rule == "exact by replay" => Replay(each),
        "accelerated_search_for_good_permutation" => Search(each, EntryOptions(each)),
        _ when each.Function.StartsWith("sum_after_2_to_4", StringComparison.Ordinal) => Magnitudes(each),
        _ => Refuse(each),
    };

    private static double Magnitudes(GoldenCase each)
    {
        var (matrix, columns) = Matrix(each);
        Assert.Equal(each.Value("sum_after_2_to_4")!.GetValue<double>(), KeptMagnitude.Of(matrix, columns));
        Assert.Equal(each.Value("sum_after_2_to_4")!.GetValue<double>(), ColumnMagnitudes.Of(matrix, columns).Kept([.. Enumerable.Range(0, columns)]), 1e-12);
        Assert.Equal(
            each.Value("magnitude_after_pruning_rows")!.GetValue<double>(), KeptMagnitude.OfRows(matrix, columns, each.Argument("rate", 0.5)));

        // apply_2_to_4 keeps the later of equal magnitudes; the one mask of this library is the pruning pattern's, which has another order of ties.
        var mask = TwoFourMask.Of(matrix, [matrix.Length / columns, columns]);
        var applied = each.Output("apply_2_to_4")!.Floats;
        for (var at = 0; at < matrix.Length; at += 4)
        {
            var four = matrix.AsSpan(at, 4).ToArray();
            var (own, reference) = (Enumerable.Range(0, 4).Select(i => mask[at + i] * MathF.Abs(four[i])).ToArray(), applied.Slice(at, 4).ToArray());
            Assert.Equal(reference.Select(MathF.Abs).Order(), own.Order());
            if (four.Select(MathF.Abs).Distinct().Count() == 4)
                Assert.Equal(reference.Select(MathF.Abs), own);
        }

        // unstructured_prune takes the smallest signed values first, so it keeps less than pruning by magnitude would; nothing here does that.
        foreach (var sparsity in each.Argument("sparsity")!.AsArray().Select(share => share!.GetValue<double>()))
        {
            var signed = each.Output($"unstructured_prune_{sparsity}")!.Floats.ToArray().Sum(value => Math.Abs((double)value));
            Assert.True(signed <= KeptMagnitude.OfRows(matrix, matrix.Length, sparsity) + 1e-3, each.Id);
        }

        return 0;
    }

    private static double Efficacy(GoldenCase each)
    {
        foreach (var row in each.Value("rows")!.AsArray().Select(row => row!.AsObject()))
        {
            double Of(string name) => row[name]!.GetValue<double>();
            Assert.Equal(Of("efficacy"), KeptMagnitude.Efficacy(Of("optimal_lost"), Of("base_lost"), Of("cur_lost")));
        }

        return 0;
    }

    private static double Partitions(GoldenCase each)
    {
        foreach (var role in each.Outputs)
        {
            var recorded = each.Output(role)!;
            Assert.Equal(
                recorded.UnsignedBytes.ToArray().Select(column => (int)column), CanonicalPartitions.Of((int)recorded.Shape[1]).SelectMany(order => order));
        }

        foreach (var (name, count) in each.Value("count")!.AsObject())
            Assert.Equal(count!.GetValue<long>(), (long)CanonicalPartitions.Count(int.Parse(name.Replace("predict_", ""))));
        return 0;
    }

    private static double Exhaustive(GoldenCase each)
    {
        var size = each.Argument("stripe_group_size", -1);
        if (each.Raises)
        {
            // The reference fails while it gives up; here it is refused with the number of partitions.
            var (matrix, columns) = Matrix(each);
            var refusal = Assert.Throws<ArgumentException>(() => PermutationSearch.Find(ColumnMagnitudes.Of(matrix, columns), new(PermutationStrategy.WholeMatrix), Random));
            Assert.Contains($"{CanonicalPartitions.Count(columns)} partitions", refusal.Message, StringComparison.Ordinal);
            return 0;
        }

        var strategy = size switch
        {
            -1 => PermutationStrategy.WholeMatrix,
            8 => PermutationStrategy.StripePairs,
            12 => PermutationStrategy.StripeTriples,
            _ => throw new NotSupportedException($"stripe groups of {size}"),
        };
        return Search(each, new(strategy, Escapes(each)));
    }

    private static double Replay(GoldenCase each)
    {
        var (matrix, columns) = Matrix(each);
        var order = Enumerable.Range(0, columns).ToArray();
        ProgressiveSwapSearch.Run(
            ColumnMagnitudes.Of(matrix, columns), order, each.Output("draws")!.Longs.ToArray().Chunk(2).Select(draw => ((int)draw[0], (int)draw[1])),
            TestContext.Current.CancellationToken, each.Argument("improvement_threshold", ProgressiveSwapSearch.LeastGain));
        Assert.Equal(each.Output("permutation")!.Longs.ToArray(), order.Select(column => (long)column));
        return 0;
    }

    private static double Search(GoldenCase each, PermutationOptions options)
    {
        var (matrix, columns) = Matrix(each);
        var magnitudes = ColumnMagnitudes.Of(matrix, columns);
        var found = PermutationSearch.Find(magnitudes, options, Random, TestContext.Current.CancellationToken);
        Assert.Equal(each.Value("magnitude_before")!.GetValue<double>(), found.KeptBefore, 1e-9);
        if (each.Output("first_swap_map") is not null)
            Exchanges(each, "first_swap_map", each.Output("first_swap_ids"));

        var recorded = each.Value("magnitude_after")!.GetValue<double>();
        if (each.Rule == "exact")
        {
            Assert.Equal(each.Output("permutation")!.Longs.ToArray(), found.Permutation.Source.Select(column => (long)column));
            Assert.Equal(each.Output("result")!.Floats.ToArray(), Permuted(matrix, found.Permutation));
            Assert.Equal(recorded, found.KeptAfter, 1e-9);
            return Math.Abs(recorded - found.KeptAfter);
        }

        // Ties that another order decides can end the walk elsewhere; then an escape must reach what the reference did.
        if (each.Rule == "magnitude" && found.KeptAfter < recorded - 1e-9)
            found = PermutationSearch.Find(magnitudes, options with { Escapes = 10 }, Random, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{each.Id}: {found.KeptAfter:G10}, the reference {recorded:G10}");
        Assert.True(found.KeptAfter >= recorded - 1e-9, $"{each.Id} keeps {found.KeptAfter:R}, the reference {recorded:R}");
        return 0;
    }

    // Gain of each exchange of two columns, as the fours of both stripes say.
    private static double Exchanges(GoldenCase each, string role, HostArray? pairs)
    {
        var (matrix, columns) = Matrix(each);
        var magnitudes = ColumnMagnitudes.Of(matrix, columns);
        var recorded = MemoryMarshal.Cast<byte, double>(each.Output(role)!.Bytes.Span).ToArray();
        var ids = pairs?.Longs.ToArray().Select(column => (double)column).ToArray() ?? [.. recorded.Chunk(4).SelectMany(row => row[..2])];
        var largest = 0.0;
        for (var row = 0; row < ids.Length / 2; row++)
        {
            var order = Enumerable.Range(0, columns).ToArray();
            var (a, b) = ((int)ids[2 * row], (int)ids[2 * row + 1]);
            double Kept() => magnitudes.Kept(order.AsSpan(a / 4 * 4, 4)) + magnitudes.Kept(order.AsSpan(b / 4 * 4, 4));
            var before = Kept();
            (order[a], order[b]) = (order[b], order[a]);
            if (pairs is null)
                largest = Math.Max(largest, Math.Abs(Kept() - recorded[4 * row + 2]));
            largest = Math.Max(largest, Math.Abs(Kept() - before - recorded[pairs is null ? 4 * row + 3 : row]));
        }

        Assert.True(largest < 1e-12 * Math.Max(1, magnitudes.Total), $"{each.Id}: gains differ by {largest}");
        return largest;
    }

    private static PermutationOptions EntryOptions(GoldenCase each) => each.Argument("strategy", "exhaustive") switch
    {
        "exhaustive" => new(
            each.Argument("stripe_group_size", 8) == 12 ? PermutationStrategy.StripeTriples : PermutationStrategy.StripePairs, each.Argument("escape_attempts", 100)),
        "progressive channel swap" => new(PermutationStrategy.ProgressiveSwap),
        var other => throw new NotSupportedException(other),
    };

    private static int Escapes(GoldenCase each) => each.Argument("escape_attempts", 0);

    private static (float[] Values, int Columns) Matrix(GoldenCase each)
    {
        var matrix = each.Input("matrix")!;
        return (GoldenCase.AsFloats(matrix), (int)matrix.Shape[1]);
    }

    private static float[] Permuted(float[] matrix, ChannelPermutation permutation) =>
        [.. matrix.Chunk(permutation.Source.Length).SelectMany(row => permutation.Source.Select(column => row[column]))];

    private static double Refuse(GoldenCase each)
    {
        Assert.Skip($"the function {each.Function} has no counterpart here");
        return 0;
    }
}
