using System.Text;

namespace SparseGrid.Contracts.Tests.Spec;

/// <summary>Files as editors, disks and attackers leave them, each a function of its seed.</summary>
internal static class DamagedBytes
{
    /// <summary>The sample with one kind of damage; some kinds are harmless.</summary>
    public static byte[] Of(byte[] sample, Random random) => random.Next(12) switch
    {
        0 => Insert(sample, random, [0]),
        1 => [0xEF, 0xBB, 0xBF, .. sample],
        2 => [(byte)0xFF, (byte)0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(sample))],
        3 => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(sample).Replace("\n", random.Next(2) == 0 ? "\r\n" : "\r", StringComparison.Ordinal)),
        4 => Insert(sample, random, InvalidUtf8(random)),
        5 => AliasBomb(random.Next(2, 40), random.Next(2, 20)),
        6 => Insert(sample, random, Encoding.ASCII.GetBytes(new string("[{-?:"[random.Next(5)], random.Next(1, 20_000)))),
        7 => Nested(random.Next(2, 3_000), random.Next(4)),
        8 => Number(sample, random),
        9 => Insert(sample, random, Encoding.ASCII.GetBytes(new string((char)random.Next(32, 127), random.Next(1, 900_000)))),
        10 => sample[..random.Next(sample.Length)],
        _ => Flipped(sample, random),
    };

    private static byte[] Insert(byte[] sample, Random random, byte[] bytes)
    {
        var at = random.Next(sample.Length);
        return [.. sample[..at], .. bytes, .. sample[at..]];
    }

    private static byte[] InvalidUtf8(Random random) => random.Next(5) switch
    {
        0 => [0x80], // a continuation byte alone
        1 => [0xC0, 0xAF], // an overlong slash
        2 => [0xED, 0xA0, 0x80], // half a surrogate pair
        3 => [0xF5, 0x80, 0x80, 0x80], // beyond the last code point
        _ => [0xE2, 0x82], // the beginning of a character
    };

    /// <summary>Anchors of lists of aliases of the anchor before: width to the power of depth values when written out.</summary>
    private static byte[] AliasBomb(int depth, int width)
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var level = 1; level <= depth; level++)
            text.Append('a').Append(level).Append(": &a").Append(level).Append(" [").AppendJoin(", ", Enumerable.Repeat($"*a{level - 1}", width)).Append("]\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Nested(int depth, int form) => Encoding.UTF8.GetBytes(form switch
    {
        0 => new string('[', depth) + new string(']', depth),
        1 => string.Concat(Enumerable.Repeat("{a: ", depth)) + new string('}', depth),
        2 => string.Concat(Enumerable.Range(0, Math.Min(depth, 1_000)).Select(level => $"{new string(' ', level)}a:\n")),
        _ => string.Concat(Enumerable.Repeat("- ", depth)),
    });

    /// <summary>A number of the sample replaced by one that no machine word holds.</summary>
    private static byte[] Number(byte[] sample, Random random)
    {
        string[] numbers =
        [
            new('9', random.Next(20, 5_000)), "-" + new string('9', 400), "1e999999999", "-1e-999999999", ".inf", "-.inf", ".nan", "0x" + new string('F', 300),
            "0." + new string('0', 3_000) + "1", "9223372036854775808", "2147483648", "1_000_000_000_000", "0o7777777777777777777777777",
        ];
        var text = Encoding.UTF8.GetString(sample);
        var digits = Enumerable.Range(0, text.Length).Where(at => char.IsAsciiDigit(text[at]) && !char.IsAsciiDigit(text[at - 1])).ToArray();
        var (from, to) = (digits[random.Next(digits.Length)], 0);
        for (to = from; to < text.Length && (char.IsAsciiDigit(text[to]) || text[to] == '.'); to++)
        {
        }

        return Encoding.UTF8.GetBytes(text[..from] + numbers[random.Next(numbers.Length)] + text[to..]);
    }

    private static byte[] Flipped(byte[] sample, Random random)
    {
        byte[] bytes = [.. sample];
        for (var flips = random.Next(1, 6); flips > 0; flips--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }
}
