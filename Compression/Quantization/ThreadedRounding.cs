using System.Runtime.CompilerServices;
using SparseGrid.Compression.Native;

namespace SparseGrid.Compression.Quantization;

/// <summary>Rounds large tensors on libtorch's own threads; small ones stay on the caller's.</summary>
/// <remarks>Values are computed one by one, so any number of threads gives the same bits. Nothing is allocated.</remarks>
internal static unsafe class ThreadedRounding
{
    // Waking a thread costs some microseconds, rounding so many values about ten. libtorch splits its operators at the same number.
    private const int Part = 32_768;

    /// <summary>One scale for all values.</summary>
    /// <param name="values">As long as x; may be the same memory.</param>
    public static void Round(in LevelRounding rounding, ReadOnlySpan<float> x, Span<float> values)
    {
        if (x.Length <= Part || IntraOpThreads.Count == 1)
        {
            rounding.Round(x, values);
            return;
        }

        fixed (float* from = x, to = values)
        {
            var work = new Work { Rounding = rounding, From = from, To = to, Length = x.Length };
            IntraOpThreads.For((x.Length + Part - 1) / Part, &RoundPart, &work);
        }
    }

    /// <summary>Runs of values with a scale each: run i takes range i modulo their number.</summary>
    /// <param name="amax">The ranges: finite, at least 0.</param>
    /// <param name="run">Length of a run.</param>
    /// <param name="passes">1 where a gradient passes, 0 elsewhere; as long as x.</param>
    public static void Round(
        ReadOnlySpan<float> amax, QuantizationLevels levels, RoundingRule rule, bool toLevels, int run, ReadOnlySpan<float> x, Span<float> values, Span<float> passes)
    {
        var runs = x.Length / run;
        var together = Math.Max(1, Part / run);
        fixed (float* ranges = amax, from = x, to = values, mask = passes)
        {
            var work = new Runs
            {
                Amax = ranges, Ranges = amax.Length, Levels = levels, Rule = rule, ToLevels = toLevels,
                From = from, To = to, Mask = mask, Run = run, Count = runs, Together = together,
            };
            var parts = (runs + together - 1) / together;
            if (parts > 1)
                IntraOpThreads.For(parts, &RoundRuns, &work);
            else
                RoundRuns(&work, 0);
        }
    }

    private static void RoundPart(void* state, int part)
    {
        ref var work = ref Unsafe.AsRef<Work>(state);
        var start = part * Part;
        var length = Math.Min(Part, work.Length - start);
        work.Rounding.Round(new ReadOnlySpan<float>(work.From + start, length), new Span<float>(work.To + start, length));
    }

    private static void RoundRuns(void* state, int part)
    {
        ref var work = ref Unsafe.AsRef<Runs>(state);
        var end = Math.Min(work.Count, (part + 1) * work.Together);
        for (var i = part * work.Together; i < end; i++)
        {
            var start = (nint)i * work.Run;
            new LevelRounding(work.Amax[i % work.Ranges], work.Levels, work.Rule, work.ToLevels).Round(
                new ReadOnlySpan<float>(work.From + start, work.Run), new Span<float>(work.To + start, work.Run), new Span<float>(work.Mask + start, work.Run));
        }
    }

    private struct Work
    {
        public LevelRounding Rounding;
        public float* From;
        public float* To;
        public int Length;
    }

    private struct Runs
    {
        public float* Amax;
        public int Ranges;
        public QuantizationLevels Levels;
        public RoundingRule Rule;
        public bool ToLevels;
        public float* From;
        public float* To;
        public float* Mask;
        public int Run;
        public int Count;
        public int Together;
    }
}
