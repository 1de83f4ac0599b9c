using System.Diagnostics;
using System.Globalization;

namespace SparseGrid.Benchmarks.Peer;

/// <summary>
/// Training steps here and in Debian's python3-torch, in turn within one run: each form is a process of its own, and a round asks every process for some steps, so
/// that whatever else the machine does falls on all alike.
/// </summary>
internal static class PeerComparison
{
    private const string Python = "/usr/bin/python3";
    private const int Warmup = 5;

    public static void Run(string network, int threads, int rounds, int steps)
    {
        (string Name, string[] Command)[] forms =
        [
            .. new[] { "fp32", "onnx", "torch", "pq" }.Select(form => ($"SparseGrid {form}", Self(form, network, threads))),
            .. new[] { "fp32", "fp32-channels-last", "qat" }.Select(form => (
                $"python3-torch {form}", new[] { Python, Path.Combine(AppContext.BaseDirectory, "Peer", "training_step.py"), form, network, $"{threads}" })),
        ];
        var servers = forms.Select(form => Start(form.Command)).ToArray();
        try
        {
            foreach (var server in servers)
                Ask(server, Warmup);

            var medians = forms.Select(_ => new List<double>()).ToArray();
            var peaks = new double[forms.Length];
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < servers.Length; i++)
                {
                    var (median, peak) = Ask(servers[i], steps);
                    medians[i].Add(median);
                    peaks[i] = peak;
                }
            }

            Console.WriteLine($"{network}, 128 images of 1x28x28, {threads} thread(s), {rounds} rounds of {steps} steps; ms a step: median of the rounds' medians [least, greatest]");
            Console.WriteLine("| form | ms | of SparseGrid fp32, median of the rounds' ratios | peak memory, MiB |");
            Console.WriteLine("|---|---|---|---|");
            for (var i = 0; i < forms.Length; i++)
            {
                var ratio = Median(medians[i].Zip(medians[0], (own, dense) => own / dense));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {forms[i].Name} | {Median(medians[i]):f1} [{medians[i].Min():f1}, {medians[i].Max():f1}] | {ratio:f2} | {peaks[i]:f0} |"));
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                server.StandardInput.Close();
                server.WaitForExit();
                server.Dispose();
            }
        }
    }

    private static string[] Self(string form, string network, int threads) =>
        ["dotnet", typeof(PeerComparison).Assembly.Location, "steps", form, network, $"{threads}"];

    private static Process Start(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static (double Median, double Peak) Ask(Process server, int steps)
    {
        server.StandardInput.WriteLine(steps);
        server.StandardInput.Flush();
        var answer = server.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{string.Join(' ', server.StartInfo.ArgumentList)} ended; the peer needs Debian's python3-torch.");
        var numbers = answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
