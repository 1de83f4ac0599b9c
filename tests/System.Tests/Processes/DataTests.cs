using System.Buffers.Binary;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Data sets of files of their own, through the real program.</summary>
public sealed class DataTests : IDisposable
{
    private const string Spec = """
        sweep: tiny
        seed: 3
        model: { network: resnet8, width: 4 }
        data: { format: idx, path: set, validation: 40 }
        variants:
          dense: { train: { epochs: 2, batch_size: 32 } }
          ptq: { from: dense, calibrate: { images: 32 } }
        measure: { latency: { warmup: 2, runs: 10 } }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sweep_over_an_idx_folder_tests_on_the_sets_own_images_and_tells_when_the_data_change()
    {
        var set = WriteIdx(brightness: 0);
        folder.Write("tiny.yaml", Spec);
        await using var first = await SparseGridProcess.Run(folder.Path, "run", "tiny.yaml", "--json");
        Assert.True(first.ExitCode == 0, first.Error);
        var run = new SweepRun(first.Document);
        Assert.Equal(2, run.Results.Length);
        Assert.All(run.Results, result => Assert.Equal(50, result.GetProperty("test").GetProperty("images").GetInt32()));
        Assert.All(run.Results, result => Assert.Equal(40, result.GetProperty("validation").GetProperty("images").GetInt32()));
        Assert.DoesNotContain(set, first.Output); // Where the data lie is no part of a result.

        WriteIdx(brightness: 9);
        await using var second = await SparseGridProcess.Run(folder.Path, "run", "tiny.yaml", "--json");
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("caution: the data have changed since sweep 'tiny' was submitted last: their digest was ", second.Error);
        Assert.Equal(1, new SweepRun(second.Document).Executed("train"));
    }

    [Fact]
    public async Task A_truncated_image_file_is_named_before_anything_runs()
    {
        var images = Path.Combine(WriteIdx(brightness: 0), "train-images-idx3-ubyte");
        File.WriteAllBytes(images, File.ReadAllBytes(images)[..^1]);
        folder.Write("tiny.yaml", Spec);

        await using var run = await SparseGridProcess.Run(folder.Path, "run", "tiny.yaml");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"{images}: its header states 200 images of 8x8 pixels, 12800 bytes, but 12799 bytes follow it. Get the file again.", Assert.Single(run.ErrorLines));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task A_named_set_that_is_nowhere_is_answered_with_what_to_do(string verb)
    {
        folder.Write("cifar10.yaml", Spec.Replace("format: idx, path: set", "format: cifar10"));

        await using var run = SparseGridProcess.Start(folder.Path, ("SPARSEGRID_DATA", folder.Path), verb, "cifar10.yaml");
        await run.Ended();

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"Data set cifar10 is not on this machine: looked in {Path.Combine(folder.Path, "cifar10")} (no such folder). To get it, put ", Assert.Single(run.ErrorLines));
        Assert.Empty(run.Output);
    }

    /// <summary>200 training and 50 test images of 8x8: a bright column tells the class, one of four.</summary>
    private string WriteIdx(byte brightness)
    {
        var into = Directory.CreateDirectory(Path.Combine(folder.Path, "set")).FullName;
        foreach (var (part, count) in new[] { ("train", 200), ("t10k", 50) })
        {
            var pixels = new byte[count * 64];
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(i % 8 == i / 64 % 4 * 2 ? 240 : brightness + i * 7 % 50);
            File.WriteAllBytes(Path.Combine(into, $"{part}-images-idx3-ubyte"), [0, 0, 8, 3, .. Big(count), .. Big(8), .. Big(8), .. pixels]);
            File.WriteAllBytes(Path.Combine(into, $"{part}-labels-idx1-ubyte"), [0, 0, 8, 1, .. Big(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 4))]);
        }

        return into;
    }

    private static byte[] Big(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
