using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Training;

namespace SparseGrid.Benchmarks;

/// <summary>What ONNX Runtime's session options do to the latency of an FP32 file and its INT8 file: all in turn within one run.</summary>
internal static class RuntimeOptions
{
    private const int Warmup = 3;
    private const int CallsAtOnce = 2;

    private static readonly (string Name, (string Key, string Value)[] Entries)[] Choices =
    [
        ("no spinning (ours)", [("session.intra_op.allow_spinning", "0")]),
        ("spinning (the runtime's default)", []),
        ("no spinning, denormals are zero", [("session.intra_op.allow_spinning", "0"), ("session.set_denormal_as_zero", "1")]),
        ("no spinning, dynamic blocks of 1/4", [("session.intra_op.allow_spinning", "0"), ("session.dynamic_block_base", "4")]),
    ];

    public static void Run(string network, int threads, int rounds)
    {
        var graph = ResNet.Build(network, new ImageShape(3, 224, 224), 1000);
        var weights = GraphNetwork.Initial(graph, 1);
        var placement = QuantizerPlacement.Of(graph, Dialect.Ort);
        var fp32 = OnnxExporter.Export(graph, weights, new());
        var int8 = OnnxExporter.ExportQuantized(graph, weights, placement, Networks.Ranges(graph, placement), Dialect.Ort, new());
        var image = Enumerable.Range(0, (int)graph.InputShape.Count).Select(i => MathF.Sin(i)).ToArray();

        var sessions = Choices.SelectMany(choice => new[] { fp32, int8 }, (choice, file) => Open(file, threads, choice.Entries)).ToArray();
        var times = sessions.Select(_ => new List<double>()).ToArray();
        for (var round = -Warmup; round < rounds; round++)
        {
            for (var i = 0; i < sessions.Length; i++)
            {
                // The first call of a turn brings the session's memory back into the caches, and lets the threads of the one before fall asleep.
                Call(sessions[i], image);
                for (var call = 0; call < CallsAtOnce; call++)
                {
                    var ms = Call(sessions[i], image);
                    if (round >= 0)
                        times[i].Add(ms);
                }
            }
        }

        Console.WriteLine($"{network}, one image of 3x224x224, {threads} thread(s), {rounds * CallsAtOnce} calls each; median ms [10th, 90th percentile]");
        Console.WriteLine("| options | FP32 | INT8 `ort` | ratio of medians |\n|---|---|---|---|");
        for (var choice = 0; choice < Choices.Length; choice++)
        {
            var (dense, quantized) = (times[2 * choice], times[2 * choice + 1]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Choices[choice].Name} | {Shown(dense)} | {Shown(quantized)} | {At(dense, 0.5) / At(quantized, 0.5):f2} |"));
        }

        foreach (var session in sessions)
            session.Dispose();
    }

    private static InferenceSession Open(byte[] file, int threads, (string Key, string Value)[] entries)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        foreach (var (key, value) in entries)
            options.AddSessionConfigEntry(key, value);
        return new(file, options);
    }

    private static double Call(InferenceSession session, float[] image)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(image, [1, 3, 224, 224]);
        var started = Stopwatch.GetTimestamp();
        using var output = session.Run(options, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string Shown(List<double> times) =>
        string.Create(CultureInfo.InvariantCulture, $"{At(times, 0.5):f2} [{At(times, 0.1):f2}, {At(times, 0.9):f2}]");

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)(share * (times.Count - 1)));
}
