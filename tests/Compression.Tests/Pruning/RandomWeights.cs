namespace SparseGrid.Compression.Tests.Pruning;

/// <summary>Seeded weights of random shapes: every other one of few magnitudes, which tie; some all zero. 60 rounds, or 2000 where SPARSEGRID_LONG is 1.</summary>
internal static class RandomWeights
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 2000 : 60;

    /// <param name="channels">C is a multiple of this.</param>
    /// <param name="outputs">K is a multiple of this.</param>
    public static IEnumerable<(long[] Shape, float[] Weight)> Of(int seed, int channels, int outputs = 1)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            long k = outputs * random.Next(1, 7), c = channels * random.Next(1, 5);
            long[] shape = random.Next(4) switch
            {
                0 => [k, c],
                1 => [k, c, random.Next(1, 4)],
                _ => [k, c, random.Next(1, 4), random.Next(1, 4)],
            };
            var weight = new float[shape.Aggregate(1L, (product, size) => product * size)];
            for (var i = 0; i < weight.Length && round % 10 != 9; i++)
                weight[i] = round % 2 == 0 ? random.Next(-2, 3) : (float)(random.NextDouble() * 2 - 1);
            yield return (shape, weight);
        }
    }

    public static float[] Masked(float[] weight, byte[] mask) => [.. weight.Zip(mask, (value, keep) => value * keep)];

    public static double Kept(float[] weight, byte[] mask) => weight.Zip(mask, (value, keep) => Math.Abs((double)value) * keep).Sum();
}
