using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Quantization.Calibrators;

namespace SparseGrid.Benchmarks.Peer;

/// <summary>Ranges from the same histograms by this library and by pytorch-quantization's own code, in turn within one run; one thread each.</summary>
internal static class CalibratorComparison
{
    private const string Python = "/usr/bin/python3";

    // calibrators.json of the golden files: "peer_seconds_median", 2048 bins, another machine.
    private static readonly Dictionary<string, double> Recorded = new() { ["entropy"] = 1.4091264910002792, ["mse"] = 0.20874486499997147, ["percentile"] = 2.4416000087512657e-05 };

    /// <param name="folder">tools/pytorch-quantization of a checkout of NVIDIA/TensorRT; null compares with the recorded times alone.</param>
    public static void Run(string? folder, int rounds)
    {
        using var peer = folder is null ? null : Start(folder);
        var file = Path.GetTempFileName();
        try
        {
            Console.WriteLine($"{rounds} rounds; medians [least, greatest]; ratio: median of the rounds' ratios, and of the recorded time to ours");
            Console.WriteLine("| method | bins | SparseGrid, ms | pytorch-quantization, ms | ratio | recorded ratio | amax | its amax |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var (signed, histogram) in new[] { (true, Histogram(1)), (false, Histogram(1)), (true, Histogram(1.6)) })
            {
                File.WriteAllBytes(file, MemoryMarshal.AsBytes(histogram.Counts).ToArray());
                foreach (var method in (CalibrationMethod[])[CalibrationMethod.Entropy, CalibrationMethod.Mse, CalibrationMethod.Percentile])
                    Compare(peer, file, histogram, method, signed, rounds);
            }
        }
        finally
        {
            File.Delete(file);
            peer?.StandardInput.Close();
            peer?.WaitForExit();
        }
    }

    private static void Compare(Process? peer, string file, ActivationHistogram histogram, CalibrationMethod method, bool signed, int rounds)
    {
        var name = method.ToString().ToLowerInvariant();
        var (own, others, amax, its) = (new List<double>(), new List<double>(), 0f, double.NaN);
        for (var round = -1; round < rounds; round++)
        {
            // Milliseconds against seconds: the median of several calls. The first round lets the runtime compile for speed.
            var seconds = Median(Enumerable.Range(0, round < 0 ? 60 : 9).Select(_ =>
            {
                var start = Stopwatch.GetTimestamp();
                amax = ActivationCalibrator.Amax(histogram, method, 99.99, signed);
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }));
            var other = double.NaN;
            if (peer is not null)
                (other, its) = Ask(peer, string.Create(CultureInfo.InvariantCulture, $"{name} {(signed ? 0 : 1)} {histogram.Width:R} {file}"));
            if (round < 0)
                continue;
            own.Add(seconds);
            others.Add(other);
        }

        var recorded = histogram.Counts.Length == 2048 ? $"{Recorded[name] / Median(own):f0}" : "";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name}, {(signed ? "int8" : "uint8")} | {histogram.Counts.Length} | {Milliseconds(own)} | {(peer is null ? "" : Milliseconds(others))} | "
            + $"{(peer is null ? "" : $"{Median(others.Zip(own, (a, b) => a / b)):f0}")} | {recorded} | {amax:R} | {(float)its:R} |"));
    }

    // Normal values of 2048 bins, then a batch of a larger spread.
    private static ActivationHistogram Histogram(double spread)
    {
        var random = new Random(1);
        var histogram = new ActivationHistogram();
        float[] Normal(double deviation) =>
            [.. Enumerable.Range(0, 800_000).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        histogram.Collect(Normal(1), "x");
        if (spread > 1)
            histogram.Collect(Normal(spread), "x");
        return histogram;
    }

    private static Process Start(string folder) =>
        Process.Start(new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "Peer", "calibrators.py"), folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static (double Seconds, double Amax) Ask(Process peer, string question)
    {
        peer.StandardInput.WriteLine(question);
        peer.StandardInput.Flush();
        var answer = peer.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{string.Join(' ', peer.StartInfo.ArgumentList)} ended; it needs Debian's python3-torch and python3-scipy, and tools/pytorch-quantization of NVIDIA/TensorRT.");
        var numbers = answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1]);
    }

    private static string Milliseconds(List<double> seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(seconds) * 1e3:G4} [{seconds.Min() * 1e3:G4}, {seconds.Max() * 1e3:G4}]");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
