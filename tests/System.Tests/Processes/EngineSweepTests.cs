using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>A sweep of dialect cuda-int8 on a machine without a GPU: its files are evaluated by the engine's reference, and nothing is timed.</summary>
public sealed class EngineSweepTests
{
    private const string Spec = """
        sweep: engine
        seed: 7
        model: { network: resnet8, width: 16 }
        data: { format: digits-csv, path: DIGITS, validation: 0.2, test: 0.3 }
        variants:
          dense: { train: { epochs: 6, learning_rate: 0.1, augment: { shift: 1 } } }
          sparse: { finetune: { epochs: 3, learning_rate: 0.02 } }
          ptq: { from: [dense, sparse], quantize: { dialect: cuda-int8 } }
          qat: { from: sparse, finetune: { epochs: 1, learning_rate: 0.005 }, quantize: { dialect: cuda-int8 } }
        measure: { runtime: cuda-int8, latency: { runs: 0 } }
        goals: { accuracy: "drop <= 2pp", size: "<= 0.5x" }
        """;

    [Fact]
    public async Task The_whole_tree_is_evaluated_by_the_reference_reused_and_exported()
    {
        using var folder = new TemporaryFolder();
        folder.Write("engine.yaml", Spec.Replace("DIGITS", Repository.Digits));
        await using var first = await SparseGridProcess.Run(folder.Path, "run", "engine.yaml", "--folder", "grid", "--json");
        Assert.True(first.ExitCode == 0, first.Error);
        var run = new SweepRun(first.Document);
        Assert.Equal(5, run.Results.Length);
        Assert.Equal((0, 10), (run.Executed("measure"), run.Executed("evaluate")));
        foreach (var result in run.Results)
        {
            var test = result.GetProperty("test");
            Assert.InRange(test.GetProperty("top1").GetDouble(), 0.93, 1);
            // Within 0.1 points of the fake-quantized network would be half an image of these 539.
            Assert.Equal(test.GetProperty("frameworkTop1").GetDouble(), test.GetProperty("top1").GetDouble(), 0.002);
            Assert.Equal((0, "NaN"), (result.GetProperty("latency").GetProperty("runs").GetInt32(), result.GetProperty("latency").GetProperty("medianMs").GetString()));
        }

        var evaluated = run.Results[^1].GetProperty("stages").EnumerateArray().Where(stage => stage.GetProperty("kind").GetString() == "evaluate").ToArray();
        Assert.All(evaluated, stage => Assert.Contains("gives the bits of the engine on a GPU", stage.GetProperty("notes")[0].GetString()));

        await using var second = await SparseGridProcess.Run(folder.Path, "run", "engine.yaml", "--folder", "grid");
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("5 of 5 trials finished (5 reused)", second.Output);
        Assert.Contains("top-1   of the exported file in cuda-int8, files of floats in onnxruntime, 539 test images; latency: not measured", second.Output);
        Assert.Matches("Deploy .*: the smallest of [0-9] variants that meet all goals, [0-9.]+ KiB", second.Output);
        Assert.DoesNotContain("NaN", second.Output);
        Assert.DoesNotContain("NaN", File.ReadAllText(Path.Combine(folder.Path, "grid", "reports", "engine.html")));

        await using var export = await SparseGridProcess.Run(folder.Path, "export", "engine.yaml", "--folder", "grid", "--output", "bundle");
        Assert.True(export.ExitCode == 0, export.Error);
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "bundle", "manifest.json")));
        Assert.False(manifest.RootElement.TryGetProperty("latency", out _));
        Assert.Contains("The sweep measured no latency.", File.ReadAllText(Path.Combine(folder.Path, "bundle", "README.txt")));
    }

    [Fact]
    public async Task A_measurement_without_a_gpu_is_refused_before_anything_runs()
    {
        Assert.SkipWhen(Directory.Exists("/proc/driver/nvidia/gpus"), "This machine has a GPU.");
        using var folder = new TemporaryFolder();
        folder.Write("gpu.yaml", Spec.Replace("DIGITS", Repository.Digits).Replace("latency: { runs: 0 }", "latency: { batch: 8 }").Replace("variants:", "numerics: { device: cuda }\nvariants:"));
        await using var plan = await SparseGridProcess.Run(folder.Path, "plan", "gpu.yaml", "--folder", "grid");
        Assert.NotEqual(0, plan.ExitCode);
        Assert.StartsWith("numerics.device is cuda, but libtorch sees no GPU here. Set Torch:LibraryPath to a PyTorch with CUDA, or the device to cpu.", plan.Error);
    }
}
