using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Pruning.Permutation;
using SparseGrid.Compression.Randomness;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>Seconds of channel permutation searches: whole networks; the matrices that the golden indexes recorded the reference's seconds for; and, where a
/// checkout of apex is named, apex's own search of the same matrices in the same run.</summary>
internal static class PermutationTimes
{
    private const string Python = "/usr/bin/python3";
    private const int Runs = 5;

    /// <summary>Initial weights of networks for 224x224 images and 1,000 classes; every group of channels.</summary>
    public static void OfNetworks(IReadOnlyList<string> networks, int threads)
    {
        Console.WriteLine("| network | groups | seconds | processor seconds | kept before | kept after | efficacy, mean of the groups |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var network in networks)
        {
            var graph = ResNet.Build(network, new ImageShape(3, 224, 224), 1000);
            var weights = GraphNetwork.Initial(graph, 1);
            var (start, spent) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var found = NetworkPermutationSearch.Find(graph, weights, new(Threads: threads), seed: 1);
            var (seconds, processor) = (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - spent).TotalSeconds);
            var total = found.Layers.Sum(layer => layer.Total);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {network} | {found.Groups.Count(group => group.Permutation is not null)} of {found.Groups.Length} | {seconds:f1} | {processor:f1} | {100 * found.Layers.Sum(layer => layer.KeptBefore) / total:f2} % "
                + $"| {100 * found.Layers.Sum(layer => layer.KeptAfter) / total:f2} % | {100 * found.Groups.Average(group => group.Efficacy):f1} % |"));
        }
    }

    /// <summary>The matrices of a folder of golden indexes whose search by stripe groups was recorded with its seconds.</summary>
    /// <param name="apex">A checkout of NVIDIA/apex, whose search then runs beside this one; null compares with the recorded seconds alone.</param>
    public static void OfRecordedMatrices(string folder, string? apex, int threads)
    {
        Console.WriteLine("| matrix | stripe group, escapes | apex recorded, s | apex here, s | SparseGrid, median s | ratio | kept before | apex keeps | SparseGrid keeps |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, array, stripes, escapes, seconds, keeps) in Recorded(folder))
        {
            var (rows, columns) = ((int)array.Shape[0], (int)array.Shape[1]);
            var strategy = stripes == 12 ? PermutationStrategy.StripeTriples : PermutationStrategy.StripePairs;
            FoundPermutation Find() => PermutationSearch.Find(ColumnMagnitudes.Of(array.Floats, columns), new(strategy, escapes, Threads: threads), new CounterRandom(1, "benchmark"));
            var found = Find();
            var times = Enumerable.Range(0, Runs).Select(_ =>
            {
                var start = Stopwatch.GetTimestamp();
                Find();
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }).Order().ToArray();
            var here = apex is null ? null : Peer(apex, array, stripes, escapes);
            var median = times[Runs / 2];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name}, {rows}x{columns} | {stripes}, {escapes} | {seconds:f2} | {(here is { } run ? run.Seconds.ToString("f2", CultureInfo.InvariantCulture) : "not run")} | {median:f4} "
                + $"| {(here?.Seconds ?? seconds) / median:f0}x | {found.KeptBefore:f4} | {here?.Kept ?? keeps:f4} | {found.KeptAfter:f4} |"));
        }
    }

    private static IEnumerable<(string Name, HostArray Matrix, int Stripes, int Escapes, double Seconds, double Keeps)> Recorded(string folder)
    {
        foreach (var index in (string[])["permutation", "asp"])
        {
            var arrays = SafeTensors.Read(File.ReadAllBytes(Path.Combine(folder, $"{index}.safetensors")), $"{index}.safetensors");
            foreach (var each in JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, $"{index}.json")))!["cases"]!.AsArray())
            {
                var (id, args, values) = (each!["id"]!.GetValue<string>(), each["args"], each["values"]);
                if (values?["seconds"] is { } seconds && args?["stripe_group_size"]?.GetValue<int>() is > 0 and var stripes)
                    yield return (id, arrays[$"{id}/matrix"], stripes, args["escape_attempts"]!.GetValue<int>(), seconds.GetValue<double>(), values["magnitude_after"]!.GetValue<double>());

                for (var group = 0; values?[$"group{group}"] is { } searched; group++)
                {
                    yield return (
                        $"{id} group{group}", arrays[$"{id}/group{group}.matrix"], args!["search"]!["stripe_group_size"]!.GetValue<int>(),
                        args["search"]!["escape_attempts"]!.GetValue<int>(), searched["search_seconds"]!.GetValue<double>(), searched["kept_after"]!.GetValue<double>());
                }
            }
        }
    }

    private static (double Seconds, double Kept)? Peer(string apex, HostArray matrix, int stripes, int escapes)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, MemoryMarshal.AsBytes(matrix.Floats).ToArray());
            string[] arguments =
                [Path.Combine(AppContext.BaseDirectory, "Peer", "permutation_search.py"), apex, file, $"{matrix.Shape[0]}", $"{matrix.Shape[1]}", $"{stripes}", $"{escapes}"];
            using var python = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true })!;
            var answer = python.StandardOutput.ReadToEnd().Trim();
            python.WaitForExit();
            if (python.ExitCode != 0)
                throw new InvalidOperationException($"The peer's search ended with code {python.ExitCode}; it needs python3 with NumPy, and a checkout of apex at '{apex}'.");
            var numbers = answer.Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            return (numbers[0], numbers[2]);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
