using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Kills;

/// <summary>
/// Checkpoints that are damaged on disk after a kill: found by their checksum and told in the log; the stage goes on from the older one, or starts over where both are
/// damaged, and makes the same bytes.
/// </summary>
public sealed class DamagedCheckpointTests(DescentFixture undisturbed) : IClassFixture<DescentFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Grid => Path.Combine(folder.Path, "grid");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_damaged_checkpoint_is_passed_over_for_the_older_one_or_for_none()
    {
        folder.Write("descent.yaml", Specs.Descent());
        (string Kind, int Step, Action<string[]> Damage, string[] Told)[] cases =
        [
            ("train", 30, files => Truncate(files[1]), ["holds", "train goes on from 24"]),
            ("train", 50, files => Flip(files[0]), ["train goes on from 48"]),
            ("finetune", 30, files => Flip(files[1]), ["do not have the SHA-256", "finetune goes on from 24"]),
            ("collect", 15, files => Array.ForEach(files, Empty), ["do not begin with", "do not begin with"]),
            ("qat", 30, files => Array.ForEach(files, Flip), ["do not have the SHA-256", "do not have the SHA-256"]),
        ];
        foreach (var (kind, step, damage, _) in cases)
        {
            await using (var run = SparseGridProcess.StartToDie(
                new KilledAt(kind, step).Point, folder.Path, "run", "descent.yaml", "--folder", "grid", "--set", "Checkpoints:Steps=4", "--set", "Checkpoints:Interval=01:00:00",
                "--set", "Checkpoints:CostShare=1"))
            {
                await run.Ended();
                Assert.True(run.ExitCode == 137, $"{kind} {step}: {run.ExitCode}\n{run.Output}\n{run.Error}");
            }

            string[] files = [.. Directory.EnumerateFiles(Path.Combine(Grid, "checkpoints"), "*.ckpt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            Assert.Equal(2, files.Length);
            damage(files);
        }

        await using var last = await SparseGridProcess.Run(folder.Path, "run", "descent.yaml", "--folder", "grid", "--json");
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(undisturbed.Artifacts, new SweepRun(last.Document).Artifacts);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Grid, "checkpoints")));

        // In the order in which they were met; a stage that starts over says nothing more.
        var log = File.ReadLines(Path.Combine(Grid, "silo.log"));
        var told = log.Select(Told).OfType<string>().ToArray();
        Assert.Equal(cases.SelectMany(each => each.Told), told);
    }

    private static string? Told(string line) =>
        line.Contains("is passed over: it holds") ? "holds"
        : line.Contains("do not have the SHA-256") ? "do not have the SHA-256"
        : line.Contains("do not begin with") ? "do not begin with"
        : line.Contains(" goes on from step ") ? $"{line.Split("Stage ")[1].Split(' ')[0]} goes on from {line.Split("step ")[1].Trim()}"
        : null;

    private static void Truncate(string file)
    {
        using var bytes = new FileStream(file, FileMode.Open);
        bytes.SetLength(bytes.Length - 100);
    }

    private static void Empty(string file) => File.WriteAllBytes(file, []);

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
