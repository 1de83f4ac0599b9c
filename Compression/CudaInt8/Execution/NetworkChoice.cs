using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>What the time of the whole network settled.</summary>
/// <param name="TwoFour">For each shape of tiled layers, in the order of their first layers: true where it runs on 2:4 kernels.</param>
/// <param name="Joined">The steps, by their places in the plan and rising, each of which runs as one kernel with the step behind it.</param>
internal sealed record NetworkChoice(ImmutableArray<bool> TwoFour, ImmutableArray<int> Joined)
{
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(
        $"{string.Concat(TwoFour.Select(sparse => sparse ? '1' : '0'))} {string.Join(',', Joined.Select(step => step.ToString(CultureInfo.InvariantCulture)))}");

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null where a file holds something else, or a choice for other numbers of shapes or steps.</summary>
    public static NetworkChoice? Parse(byte[]? bytes, int shapes, int steps)
    {
        if (bytes is null || Encoding.ASCII.GetString(bytes).Split(' ') is not [var forms, var pairs] || forms.Length != shapes || forms.Any(form => form is not ('0' or '1')))
            return null;
        var joined = ImmutableArray.CreateBuilder<int>();
        foreach (var pair in pairs.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // A step that a kernel computes beside another begins no pair of its own.
            if (!int.TryParse(pair, NumberStyles.None, CultureInfo.InvariantCulture, out var step) || step >= steps - 1 || (joined.Count > 0 && step < joined[^1] + 2))
                return null;
            joined.Add(step);
        }

        return new([.. forms.Select(form => form == '1')], joined.DrainToImmutable());
    }
}
