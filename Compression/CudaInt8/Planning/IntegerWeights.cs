using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>The weight of a layer as levels, and what its 32-bit sums are turned into in each output channel.</summary>
/// <param name="Levels">−127…127, [K, R, S, C / groups].</param>
/// <param name="Alpha">What a step of the sum is worth, in steps of the output (units, where the output is float), [K].</param>
/// <param name="Bias">In the same units, [K].</param>
public sealed record IntegerWeights(sbyte[] Levels, float[] Alpha, float[] Bias)
{
    // By the levels themselves: a field would count when records are compared, and be copied where `with` takes other levels.
    private static readonly ConditionalWeakTable<sbyte[], StrongBox<bool>> Answers = [];

    /// <summary>True where each four weights along the input channels hold at least two zeros; looked up once, so levels are not changed afterwards.</summary>
    /// <param name="channels">Input channels of a group: the length of a row of <see cref="Levels"/>.</param>
    public bool IsTwoFour(int channels) => channels % 4 == 0 && Answers.GetValue(Levels, static levels => new(HoldTwoZeros(levels))).Value;

    private static bool HoldTwoZeros(ReadOnlySpan<sbyte> levels)
    {
        var whole = levels.Length / Vector256<sbyte>.Count * Vector256<sbyte>.Count;
        foreach (var part in MemoryMarshal.Cast<sbyte, Vector256<sbyte>>(levels[..whole]))
        {
            // A bit for each zero; then how many of each two, and of each four, which is 2, 3 or 4 where enough.
            var zeros = Vector256.Equals(part, Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            var pairs = (zeros & 0x5555_5555) + (zeros >> 1 & 0x5555_5555);
            var fours = (pairs & 0x3333_3333) + (pairs >> 2 & 0x3333_3333);
            if (((fours >> 1 | fours >> 2) & 0x1111_1111) != 0x1111_1111)
                return false;
        }

        for (var i = whole; i < levels.Length; i += 4)
        {
            if (levels.Slice(i, 4).Count((sbyte)0) < 2)
                return false;
        }

        return true;
    }
}
