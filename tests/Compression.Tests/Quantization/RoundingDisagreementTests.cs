using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.Quantization;

/// <summary>How often, and where, the rounding rules disagree.</summary>
/// <remarks>The numbers are IEEE 754 arithmetic on seeded values: the same on every machine.</remarks>
public sealed class RoundingDisagreementTests
{
    private const int Count = 1_000_000;
    private static readonly QuantizationLevels Levels = QuantizationLevels.Int8;
    private static readonly (RoundingRule One, RoundingRule Other)[] Pairs =
        [(RoundingRule.Pq, RoundingRule.Torch), (RoundingRule.Pq, RoundingRule.Onnx), (RoundingRule.Torch, RoundingRule.Onnx)];

    [Fact]
    public void On_a_million_values_spread_over_the_range_a_handful_of_levels_differ()
    {
        var found = Compare("spread over ±1.05 amax", 61, (random, amax) => (float)((random.NextDouble() * 2.1 - 1.05) * amax));
        Assert.Equal([(1, 350_612, 7_552), (2, 350_613, 7_552), (1, 1, 0)], found);
    }

    [Fact]
    public void On_a_million_values_within_two_floats_of_a_tie_many_levels_differ()
    {
        var found = Compare("within two floats of a tie", 62, (random, amax) =>
        {
            var tie = (random.Next(-129, 128) + 0.5f) * (amax / 127);
            return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(tie) + random.Next(-2, 3));
        });
        Assert.Equal([(47_444, 356_251, 7_958), (68_913, 374_911, 7_936), (53_679, 53_679, 454)], found);
    }

    /// <summary>How many levels, values and gradients differ for each pair of rules; a thousand ranges with a thousand values each.</summary>
    private static (int Levels, int Values, int Gradients)[] Compare(string what, int seed, Func<Random, float, float> value)
    {
        var random = new Random(seed);
        var inputs = Enumerable.Range(0, Count / 1000)
            .Select(_ => (float)(random.NextDouble() * 8 + 0.01)).SelectMany(amax => Enumerable.Range(0, 1000).Select(_ => (Amax: amax, X: value(random, amax)))).ToArray();
        return [.. Pairs.Select(pair =>
        {
            var (levels, values, gradients, furthest) = (0, 0, 0, 0.0);
            foreach (var (amax, x) in inputs)
            {
                var (one, other) = (RoundingReference.Level(x, amax, Levels, pair.One), RoundingReference.Level(x, amax, Levels, pair.Other));
                if (one != other)
                {
                    levels++;
                    Assert.Equal(1, Math.Abs(one - other));
                    // How far the exact level is from the tie between the two, relatively.
                    var exact = x * 127.0 / amax;
                    furthest = Math.Max(furthest, Math.Abs((exact - (one + other) / 2.0) / exact));
                }

                values += RoundingReference.Value(x, amax, Levels, pair.One) != RoundingReference.Value(x, amax, Levels, pair.Other) ? 1 : 0;
                gradients += RoundingReference.Passes(x, amax, Levels, pair.One) != RoundingReference.Passes(x, amax, Levels, pair.Other) ? 1 : 0;
            }

            // Every rule rounds two or three times, each by at most 2^-24.
            Assert.InRange(furthest, 0, 3 * Math.Pow(2, -24));
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{Count} values {what}: {pair.One} and {pair.Other} differ in {levels} levels, by one and within {furthest * Math.Pow(2, 24):f2} · 2^-24 of a tie, in {values} values "
                + $"(most in the last bit) and in {gradients} gradients");
            return (levels, values, gradients);
        })];
    }
}
