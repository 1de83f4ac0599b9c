using System.Diagnostics;
using System.Globalization;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Runtimes.Float16;
using SparseGrid.Compression.Statistics;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>The float16 baseline of measurements on a GPU beside the same network in PyTorch, which it must equal.</summary>
internal static class Float16Baseline
{
    public static void Run(string[] networks, int[] batches, int rounds)
    {
        using var device = CudaDevice.Open();
        Console.WriteLine($"{device.Name}, libtorch {ComputeDevice.LibtorchVersion}, medians of {rounds} runs in microseconds");
        foreach (var name in networks)
        {
            var graph = ResNet.Build(name, new ImageShape(3, 224, 224), 1000);
            var weights = GraphNetwork.Initial(graph, seed: 1);
            foreach (var batch in batches)
            {
                var before = CudaInt8Networks.Peer(name, batch, rounds);
                var watch = Stopwatch.StartNew();
                using var network = Float16Network.Build(graph, weights, device, batch);
                var built = watch.Elapsed.TotalSeconds;
                var times = network.Time(rounds);
                var after = CudaInt8Networks.Peer(name, batch, rounds);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} N={batch}: {Quantile.Median(times):F1} us, p99 {Quantile.NearestRank(times, 0.99):F1}; {network.Form}; built in {built:F1} s; PyTorch (graph, eager, error, torch, cuDNN) {before} | {after}"));
            }
        }
    }
}
