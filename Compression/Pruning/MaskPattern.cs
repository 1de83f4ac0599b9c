using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Pruning;

/// <summary>One way to choose the weights that stay, by its name: m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, or mMnN_1d, which keeps N of every M input channels.</summary>
/// <remarks>The names are those of NVIDIA's ASP (apex.contrib.sparsity), which has the first three; see the class of each for its ties.</remarks>
public sealed partial class MaskPattern
{
    private readonly Rule rule;

    private MaskPattern(string name, int groupSize, int kept, bool alongOutputs, Rule rule) =>
        (Name, GroupSize, Kept, AlongOutputs, this.rule) = (name, groupSize, kept, alongOutputs, rule);

    private delegate byte[] Rule(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape);

    /// <summary>2:4 along the input channels: <see cref="TwoFourMask"/>.</summary>
    public static MaskPattern TwoFour { get; } = new("m4n2_1d", 4, 2, alongOutputs: false, TwoFourMask.Of);

    /// <summary>At most 2 of 4 along input and output channels: <see cref="GreedyBlockMask"/>.</summary>
    public static MaskPattern GreedyBlocks { get; } = new("m4n2_2d_greedy", 4, 2, alongOutputs: true, GreedyBlockMask.Of);

    /// <summary>2:4 along input and output channels: <see cref="BestBlockMask"/>.</summary>
    public static MaskPattern BestBlocks { get; } = new("m4n2_2d_best", 4, 2, alongOutputs: true, BestBlockMask.Of);

    /// <summary>The name: m4n2_1d.</summary>
    public string Name { get; }

    /// <summary>M: consecutive input channels of a group.</summary>
    public int GroupSize { get; }

    /// <summary>N: how many of them stay, at most.</summary>
    public int Kept { get; }

    /// <summary>True where groups along the output channels hold no more either.</summary>
    public bool AlongOutputs { get; }

    /// <summary>True where every full group of four input channels holds two zeros, the form that sparse kernels take. 1:2 and 1:4 masks are 2:4 as well.</summary>
    public bool IsTwoFour => this is { GroupSize: 4, Kept: <= 2 } or { GroupSize: 2, Kept: 1 };

    /// <summary>N:M along the input channels: <see cref="TwoFour"/> for 2:4, otherwise <see cref="GroupMask"/>.</summary>
    /// <param name="kept">N, from 1 to M − 1.</param>
    /// <param name="size">M, from 2 to 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">N or M is outside its range.</exception>
    public static MaskPattern Groups(int kept, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, GroupMask.LargestGroup);
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(kept, size);
        return (kept, size) == (2, 4)
            ? TwoFour
            : new($"m{size}n{kept}_1d", size, kept, alongOutputs: false, (weight, shape) => GroupMask.Of(weight, shape, size, kept));
    }

    /// <summary>The pattern of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static MaskPattern Named(string name) =>
        TryNamed(name, out var pattern)
            ? pattern
            : throw new ArgumentException(
                $"The pattern '{name}' is unknown; the patterns are m4n2_1d, m4n2_2d_greedy, m4n2_2d_best, and mMnN_1d, which keeps N of every M input channels "
                + $"(1 <= N < M <= {GroupMask.LargestGroup}).", nameof(name));

    /// <summary>The mask of a weight: 1 keeps, 0 prunes; same shape.</summary>
    /// <param name="weight">Row-major weight [C], [K, C], [K, C, R] or [K, C, R, S]; C is the number of input channels per group of the convolution.</param>
    /// <exception cref="ArgumentException">The pattern refuses the shape, or a weight is NaN or infinite.</exception>
    public byte[] Of(ReadOnlySpan<float> weight, ReadOnlySpan<long> shape) => rule(weight, shape);

    /// <summary>The mask of a weight of any floating type as an unsigned 8-bit array of its shape; magnitudes are compared as float32.</summary>
    /// <exception cref="ArgumentException">As for the other overload.</exception>
    /// <exception cref="InvalidOperationException">The array holds integers.</exception>
    public HostArray Of(HostArray weight) => HostArray.Of(rule(weight.ToFloats(), weight.Shape.AsSpan()), weight.Shape.AsSpan());

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool TryNamed(string name, [NotNullWhen(true)] out MaskPattern? pattern)
    {
        pattern = Array.Find([TwoFour, GreedyBlocks, BestBlocks], each => each.Name == name);
        if (pattern is null && GroupsName().Match(name) is { Success: true } match)
        {
            var (size, kept) = (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
            if (size <= GroupMask.LargestGroup && kept < size)
                pattern = Groups(kept, size);
        }

        return pattern is not null;
    }

    [GeneratedRegex(@"\Am([1-9][0-9]?)n([1-9][0-9]?)_1d\z", RegexOptions.CultureInvariant)]
    private static partial Regex GroupsName();
}
