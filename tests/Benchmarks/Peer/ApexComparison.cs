using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Benchmarks.Peer;

/// <summary>Masks of all ResNet-50 weights here and by a checkout of NVIDIA/apex, in turn within one run, on the same arrays and one thread each; and whether they are the
/// same masks.</summary>
internal static class ApexComparison
{
    private static readonly (string Pattern, bool Slow)[] Patterns = [("m4n2_1d", false), ("m4n2_2d_best", false), ("m4n2_2d_greedy", true)];

    public static void Run(string checkout, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-apex-").FullName;
        try
        {
            var weights = Networks.Prunable(Networks.ResNet50);
            var file = Path.Combine(folder, "weights.safetensors");
            File.WriteAllBytes(file, SafeTensors.Write(weights));
            using var apex = Process.Start(
                new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Peer", "apex_masks.py"), checkout, file])
                {
                    RedirectStandardInput = true, RedirectStandardOutput = true,
                })!;
            if (apex.StandardOutput.ReadLine() != "ready")
                throw new InvalidOperationException($"The peer ended; it needs Debian's python3-torch and python3-numpy, and a checkout of NVIDIA/apex at {checkout}.");

            Console.WriteLine($"{weights.Count} weights of resnet50, {weights.Values.Sum(weight => weight.Count)} values, one thread each; ms: median [least, greatest] of {rounds} rounds (greedy: 1)");
            Console.WriteLine("| pattern | SparseGrid | apex | apex / SparseGrid, median of the rounds | values that differ | kept magnitude, SparseGrid / apex |");
            Console.WriteLine("|---|---|---|---|---|---|");
            foreach (var (pattern, slow) in Patterns)
                Compare(MaskPattern.Named(pattern), weights, apex, Path.Combine(folder, "masks"), slow ? 1 : rounds);
            apex.StandardInput.Close();
            apex.WaitForExit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compare(MaskPattern pattern, ImmutableSortedDictionary<string, HostArray> weights, Process apex, string target, int rounds)
    {
        var arrays = weights.Values.Select(weight => (Values: weight.ToFloats(), Shape: weight.Shape.ToArray())).ToArray();
        byte[][] Masks() => [.. arrays.Select(array => pattern.Of(array.Values, array.Shape))];
        for (var warmup = 0; warmup < 3; warmup++)
            Masks();

        var (own, theirs) = (new List<double>(), new List<double>());
        byte[][] masks = [];
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            masks = Masks();
            own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            apex.StandardInput.WriteLine($"{pattern.Name} {target}");
            apex.StandardInput.Flush();
            var answer = apex.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The peer ended at {pattern.Name}; its error stands above.");
            theirs.Add(1000 * double.Parse(answer, CultureInfo.InvariantCulture));
        }

        var (reference, at) = (File.ReadAllBytes(target), 0);
        var (differ, kept, keptThere) = (0L, 0.0, 0.0);
        for (var i = 0; i < masks.Length; i++)
        {
            for (var j = 0; j < masks[i].Length; j++, at++)
            {
                differ += masks[i][j] == reference[at] ? 0 : 1;
                kept += masks[i][j] * Math.Abs((double)arrays[i].Values[j]);
                keptThere += reference[at] * Math.Abs((double)arrays[i].Values[j]);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {pattern.Name} | {Range(own)} | {Range(theirs)} | {Median(theirs.Zip(own, (there, here) => there / here)):f1} | {differ} | {kept / keptThere:f9} |"));
    }

    private static string Range(List<double> times) => string.Create(CultureInfo.InvariantCulture, $"{Median(times):f1} [{times.Min():f1}, {times.Max():f1}]");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
