using System.Diagnostics;
using System.Text;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class SpecFuzzTests
{
    [Fact]
    public void Damaged_specs_give_a_spec_or_problems_with_a_line_and_never_hang()
    {
        var sample = File.ReadAllText(Repository.File("samples", "digits.sweep.yaml"));
        var (accepted, refused) = (0, 0);
        var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 20_000 : 500;
        for (var seed = 0; seed < rounds; seed++)
        {
            var text = Damage(sample, new(seed));
            var clock = Stopwatch.StartNew();
            var reading = SpecReader.Parse(text, "s.yaml", "/base");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"seed {seed}: {clock.Elapsed}");

            Assert.Equal(reading.Spec is null, !reading.Problems.IsEmpty);
            var lines = text.Count(character => character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
            Assert.All(reading.Problems, problem =>
            {
                Assert.InRange(problem.Line, 1, lines + 1);
                Assert.DoesNotContain('\n', problem.ToString());
                Assert.StartsWith($"s.yaml:{problem.Line}: ", problem.ToString(), StringComparison.Ordinal);
            });
            if (reading.Spec is null)
                refused++;
            else
                accepted++;
        }

        Assert.True(accepted > 10 && refused > 200, $"{accepted} accepted, {refused} refused: the damage says little");
    }

    [Fact]
    public void Damaged_bytes_of_a_file_give_a_spec_or_problems_within_a_second_and_little_memory()
    {
        const long Most = 32 << 20; // Seen: 11 MB in 10,000 rounds, 0.06 s.
        var folder = Directory.CreateTempSubdirectory("sparsegrid-fuzz-");
        try
        {
            var file = Path.Combine(folder.FullName, "s.yaml");
            var sample = File.ReadAllBytes(Repository.File("samples", "digits.sweep.yaml"));
            var refused = 0;
            var rounds = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1" ? 10_000 : 500;
            for (var seed = 0; seed < rounds; seed++)
            {
                File.WriteAllBytes(file, DamagedBytes.Of(sample, new(seed)));
                var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
                var reading = SpecReader.Read(file);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"seed {seed}: {clock.Elapsed}");
                Assert.True(allocated < Most, $"seed {seed}: {allocated} bytes");
                Assert.Equal(reading.Spec is null, !reading.Problems.IsEmpty);
                Assert.All(reading.Problems, problem => Assert.Matches(@"^[^\r\n\0]{1,600}$", problem.ToString()));
                if (reading.Spec is null)
                    refused++;
            }

            Assert.InRange(refused, rounds / 2, rounds - (rounds / 20)); // Some damage is none: a byte order mark, another line end.
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_byte_order_mark_and_line_ends_of_another_system_change_nothing()
    {
        var sample = File.ReadAllText(Repository.File("samples", "digits.sweep.yaml"));
        var plain = SpecReader.Parse(sample, "s.yaml", "/base").Spec;
        Assert.NotNull(plain);
        foreach (var end in (string[])["\r\n", "\r"])
            Assert.Equivalent(plain, SpecReader.Parse(sample.Replace("\n", end, StringComparison.Ordinal), "s.yaml", "/base").Spec, strict: true);

        var folder = Directory.CreateTempSubdirectory("sparsegrid-fuzz-");
        try
        {
            var file = Path.Combine(folder.FullName, "s.yaml");
            File.WriteAllBytes(file, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(sample)]);
            Assert.Empty(SpecReader.Read(file).Problems);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_deleted_line_is_answered()
    {
        var lines = File.ReadAllLines(Repository.File("samples", "digits.sweep.yaml"));
        for (var line = 0; line < lines.Length; line++)
        {
            var reading = SpecReader.Parse(string.Join('\n', lines.Where((_, index) => index != line)), "s.yaml", "/base");
            Assert.Equal(reading.Spec is null, !reading.Problems.IsEmpty);
        }
    }

    private static string Damage(string sample, Random random)
    {
        var kind = random.Next(4);
        if (kind == 0)
        {
            var bytes = Encoding.UTF8.GetBytes(sample);
            for (var flips = random.Next(1, 6); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            return Encoding.UTF8.GetString(bytes);
        }

        var lines = sample.Split('\n').ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var line = random.Next(lines.Count);
            if (kind == 1)
                lines.RemoveAt(line);
            else if (kind == 2)
                lines.Insert(random.Next(lines.Count), lines[line]);
            else if (lines[line].Length > 0)
                lines[line] = Typo(lines[line], random);
        }

        return string.Join('\n', lines);
    }

    private static string Typo(string line, Random random)
    {
        const string letters = "abcdefghijklmnopqrstuvwxyz0123456789 :{}[],\"'&*#!|>%@-\t\r\\é\u2028";
        var at = random.Next(line.Length);
        var letter = letters[random.Next(letters.Length)];
        return random.Next(3) switch
        {
            0 => line.Remove(at, 1),
            1 => line.Insert(at, letter.ToString()),
            _ => line.Remove(at, 1).Insert(at, letter.ToString()),
        };
    }
}
