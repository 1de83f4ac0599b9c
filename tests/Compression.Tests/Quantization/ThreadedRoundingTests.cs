using SparseGrid.Compression.Native;
using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed unsafe class ThreadedRoundingTests
{
    private static int arrived;

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits_for_one_range_and_for_many()
    {
        var random = new Random(55);
        var values = Enumerable.Range(0, 300_007).Select(_ => RoundingExamples.Value(random, 1, QuantizationLevels.Int8)).ToArray();
        foreach (var rule in Enum.GetValues<RoundingRule>())
        {
            (float[], float[])[] Results(int threads) => OnThreads(threads, () => new[]
            {
                RoundingExamples.Run(values, [values.Length], x => FakeQuantization.PerTensor(x, 1, QuantizationLevels.Int8, rule)),
                RoundingExamples.Run(values[..300_000], [3, 1000, 100], x => FakeQuantization.Of(x, full([1, 1000, 1], 0.7f), QuantizationLevels.NarrowInt8, rule)),
                RoundingExamples.Run(values[..300_000], [30_000, 10], x => FakeQuantization.Weight(x, full([30_000], 0.7f), rule)),
            });
            var one = Results(1);
            foreach (var threads in (int[])[2, 3, 5])
            {
                foreach (var ((y, gradient), (expected, expectedGradient)) in Results(threads).Zip(one))
                {
                    Assert.Equal(RoundingExamples.Bits(expected), RoundingExamples.Bits(y));
                    Assert.Equal(expectedGradient, gradient);
                }
            }
        }
    }

    [Fact]
    public void Parts_run_on_as_many_threads_as_libtorch_uses()
    {
        Assert.True(IntraOpThreads.Shared, "libtorch's OpenMP has no GOMP_parallel");
        arrived = 0;
        // Each part waits until three are there: with fewer threads none would end.
        var count = OnThreads(3, () =>
        {
            var done = 0;
            IntraOpThreads.For(3, &Meet, &done);
            return done;
        });
        Assert.Equal(3, count);
    }

    [Fact]
    public void Each_part_is_taken_once_on_either_pool()
    {
        var taken = stackalloc int[1000];
        IntraOpThreads.ForOnPool(1000, 4, &Take, taken);
        for (var part = 0; part < 1000; part++)
            Assert.Equal(part + 1, taken[part]);
        IntraOpThreads.For(1000, &Take, taken);
        for (var part = 0; part < 1000; part++)
            Assert.Equal(2 * (part + 1), taken[part]);
    }

    [Fact]
    public void Rounding_allocates_nothing()
    {
        var (x, y, passes) = (new float[200_000], new float[200_000], new float[200_000]);
        var amax = Enumerable.Repeat(0.5f, 1000).ToArray();
        var bytes = OnThreads(2, () =>
        {
            Round();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10; i++)
                Round();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.InRange(bytes, 0, 1000);

        void Round()
        {
            ThreadedRounding.Round(new(1, QuantizationLevels.Int8, RoundingRule.Onnx), x, y);
            ThreadedRounding.Round(amax, QuantizationLevels.NarrowInt8, RoundingRule.Onnx, toLevels: false, 200, x, y, passes);
        }
    }

    private static void Take(void* state, int part) => Interlocked.Add(ref ((int*)state)[part], part + 1);

    private static void Meet(void* state, int part)
    {
        Interlocked.Increment(ref arrived);
        var wait = new SpinWait();
        var end = Environment.TickCount64 + 10_000;
        while (Volatile.Read(ref arrived) < 3 && Environment.TickCount64 < end)
            wait.SpinOnce();
        if (Volatile.Read(ref arrived) == 3)
            Interlocked.Increment(ref *(int*)state);
    }

    // libtorch keeps the number for each thread: this one goes away with it.
    private static T OnThreads<T>(int threads, Func<T> call)
    {
        T result = default!;
        var before = get_num_threads();
        var thread = new Thread(() =>
        {
            set_num_threads(threads);
            result = call();
            set_num_threads(before);
        });
        thread.Start();
        thread.Join();
        return result;
    }
}
