using System.Text.RegularExpressions;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Kills;

/// <summary>
/// A real sweep whose process is killed again and again, each time gone on with in the same folder. It ends with the artifacts of an undisturbed one, and the log
/// tells that each stage went on from its last checkpoint.
/// </summary>
public sealed partial class KillTests(DescentFixture undisturbed) : IClassFixture<DescentFixture>, IDisposable
{
    private const int CheckpointEvery = 4;
    private const int Kills = 5;
    private const int Killed = 128 + 9;
    private const int FileTooLarge = 128 + 25;
    private readonly TemporaryFolder folder = new();

    /// <summary>One seed; ten where SPARSEGRID_LONG is 1.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, LongRun.Asked ? 10 : 1)];

    private string Grid => Path.Combine(folder.Path, "grid");

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Killed_at_random_steps_of_every_stage_that_lasts_it_ends_with_the_same_artifacts(int seed)
    {
        KilledAt[] kills =
        [
            .. KilledAt.Draw("train", 57, Kills, seed), .. KilledAt.Draw("finetune", 38, Kills, seed), .. KilledAt.Draw("collect", 19, Kills, seed),
            .. KilledAt.Draw("calibrate", undisturbed.Quantizers, Kills, seed), .. KilledAt.Draw("qat", 38, Kills, seed),
        ];
        var what = $"Seed {seed}, killed at {string.Join(", ", kills.Select(kill => $"{kill.Kind} {kill.Step}"))}.";
        TestContext.Current.TestOutputHelper?.WriteLine(what);

        folder.Write("descent.yaml", Specs.Descent());
        foreach (var kill in kills)
            await Die(kill.Point, Killed, what);

        await EndsAsUndisturbed(what);
        Assert.Equal(kills.Select(kill => kill.GoesOn(CheckpointEvery)).OfType<string>(), Resumptions());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Killed_while_it_writes_and_between_a_write_and_its_commit_it_ends_with_the_same_artifacts(int seed)
    {
        // In the order in which the sweep comes to them. The number: which checkpoint or artifact of the run.
        var draws = new Random(seed);
        string[] points =
        [
            $"saving:train:{draws.Next(2, 5)}", $"saved:train:{draws.Next(1, 5)}", "putting:train:1", "put:train:1", "committed:train:0",
            $"saving:finetune:{draws.Next(1, 5)}", "put:finetune:1", $"saving:collect:{draws.Next(1, 4)}", $"saved:collect:{draws.Next(1, 2)}", "putting:collect:1",
            "put:calibrate:1", $"saving:qat:{draws.Next(1, 5)}", "put:qat:1", "committed:qat:0", "putting:export:1",
        ];
        var what = $"Seed {seed}, killed at {string.Join(", ", points)}.";
        TestContext.Current.TestOutputHelper?.WriteLine(what);

        folder.Write("descent.yaml", Specs.Descent());
        foreach (var point in points)
        {
            var torn = point.StartsWith("saving", StringComparison.Ordinal) || point.StartsWith("putting", StringComparison.Ordinal);
            await Die(point, torn ? FileTooLarge : Killed, what);
            Assert.True(Temporaries().Length == (torn ? 1 : 0), $"{point} left {Temporaries().Length} temporary files. {what}");
        }

        await EndsAsUndisturbed(what);
    }

    private async Task Die(string point, int exitCode, string what)
    {
        await using var run = SparseGridProcess.StartToDie(
            point, folder.Path, "run", "descent.yaml", "--folder", "grid", "--set", $"Checkpoints:Steps={CheckpointEvery}",
            "--set", "Checkpoints:Interval=01:00:00", "--set", "Checkpoints:CostShare=1");
        await run.Ended();
        Assert.True(run.ExitCode == exitCode, $"{point} ended with exit code {run.ExitCode}, not {exitCode}. {what}\n{run.Output}\n{run.Error}");
    }

    private async Task EndsAsUndisturbed(string what)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "descent.yaml", "--folder", "grid", "--json");
        Assert.True(run.ExitCode == 0, $"The last run ended with exit code {run.ExitCode}. {what}\n{run.Error}");
        var different = undisturbed.Artifacts.Except(new SweepRun(run.Document).Artifacts).ToArray();
        Assert.True(different.Length == 0, $"Of another run's artifacts these were not made: {string.Join("; ", different)}. {what}");
        Assert.Equal(undisturbed.Artifacts, new SweepRun(run.Document).Artifacts);
        Assert.Empty(Temporaries());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Grid, "checkpoints")));
    }

    private string[] Temporaries() => Directory.GetFiles(Grid, "*.tmp", SearchOption.AllDirectories);

    private IEnumerable<string> Resumptions() =>
        GoesOn().Matches(File.ReadAllText(Path.Combine(Grid, "silo.log"))).Select(match => $"{match.Groups["kind"].Value} {match.Groups["step"].Value}");

    [GeneratedRegex("Stage (?<kind>[a-z]+) [0-9a-f]{64} goes on from step (?<step>[0-9]+)")]
    private static partial Regex GoesOn();
}
