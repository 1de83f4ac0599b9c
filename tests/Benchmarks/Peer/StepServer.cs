using System.Diagnostics;
using System.Globalization;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SparseGrid.Benchmarks.Peer;

/// <summary>Training steps of 128 images of 1x28x28 in a process of their own: answers each line "COUNT" with "MEDIAN_MS PEAK_MIB", as the peer's script does.</summary>
internal static class StepServer
{
    /// <param name="form">fp32, or a rounding rule for quantization-aware steps.</param>
    public static void Run(string form, string network, int threads)
    {
        ComputeDevice.SetThreads(threads);
        var graph = ResNet.Build(network, new ImageShape(1, 28, 28), 10);
        using var trained = new GraphNetwork(graph, GraphNetwork.Initial(graph, 1), ComputeDevice.Cpu);
        if (form != "fp32")
        {
            var placement = QuantizerPlacement.Of(graph, Dialect.Ort);
            trained.Quantize(placement, Networks.Ranges(graph, placement), Enum.Parse<RoundingRule>(form, ignoreCase: true));
        }

        using var optimizer = new MaskedSgd(trained.Trained, new Dictionary<string, HostArray>(), 0.9, 1e-4);
        using var images = randn([128, 1, 28, 28]);
        using var labels = randint(10, [128], dtype: ScalarType.Int64);
        while (Console.ReadLine() is { } line)
        {
            var times = Enumerable.Range(0, int.Parse(line, CultureInfo.InvariantCulture)).Select(_ =>
            {
                var start = Stopwatch.GetTimestamp();
                using var scope = NewDisposeScope();
                cross_entropy(trained.Forward(images, training: true), labels).backward();
                optimizer.Step(0.01);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }).Order().ToArray();
            var peak = Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[times.Length / 2]:f3} {peak:f1}"));
        }
    }
}
