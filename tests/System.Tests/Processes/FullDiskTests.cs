using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Disks that are really full, and files that may not grow: a clear end, and the same command goes on once there is room.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FullDiskTests()
    {
        folder.Write("quick.yaml", Specs.Quick());
        folder.Write("long.yaml", Specs.Long());
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")] // The artifact of the training cannot be written, nor can the database.
    [InlineData("kill -TERM $pid")] // Nor can the checkpoint that a stop asks for.
    public async Task A_disk_that_fills_up_during_a_training_ends_the_run_in_one_line_and_costs_no_result(string meanwhile)
    {
        Assert.SkipWhen(PrivateMounts.WhyNot is not null, PrivateMounts.WhyNot ?? "");
        var codes = await PrivateMounts.Run(folder.Path, $"""
            mkdir grid && mount -t tmpfs -o size=3m tmpfs grid
            "$@" run long.yaml --folder grid > one.out 2> one.err & pid=$!
            until grep -q 'train started' one.out; do kill -0 $pid; sleep 0.05; done
            dd if=/dev/zero of=grid/filler bs=4k 2> /dev/null || true
            {meanwhile}
            wait $pid && echo 0 || echo $?
            rm grid/filler
            "$@" run long.yaml --folder grid --json > two.json && echo 0 || echo $?
            """);

        // A failed trial (3) where the database found room and the artifact did not.
        var told = Read("one.out") + Read("one.err");
        Assert.True(codes is "2\n0\n" or "3\n0\n" or "6\n0\n", $"exit codes {codes}{told}");
        Assert.Matches("disk is full. Make room|No space left on device", told);
        Assert.DoesNotContain("   at ", told);
        Assert.Equal(await Undisturbed("long.yaml"), Artifacts("two.json"));
    }

    [Fact]
    public async Task A_disk_that_is_full_at_the_start_is_told_in_one_line()
    {
        Assert.SkipWhen(PrivateMounts.WhyNot is not null, PrivateMounts.WhyNot ?? "");
        var code = await PrivateMounts.Run(folder.Path, """
            mkdir grid && mount -t tmpfs -o size=32k tmpfs grid
            "$@" run long.yaml --folder grid > one.out 2> one.err && echo 0 || echo $?
            """);

        Assert.Equal("2\n", code);
        Assert.Matches(@"^[^\n]*grid[^\n]*Make room[^\n]*\n$", Read("one.err"));
        Assert.Empty(Read("one.out"));
    }

    [Fact]
    public async Task A_file_that_may_not_grow_fails_its_trial_by_name_and_nothing_of_it_is_kept()
    {
        // 200 KiB: the database stays below it, the weights do not. What the runtime maps for its own code would count too.
        await using var limited = await SparseGridProcess.RunUnder(["prlimit", "--fsize=204800", "env", "DOTNET_EnableWriteXorExecute=0"], folder.Path, "run", "quick.yaml", "--folder", "grid");
        Assert.SkipWhen(limited.Error.Contains("Failed to create CoreCLR"), "The runtime itself does not start under a file size limit here.");
        Assert.Equal(3, limited.ExitCode);
        Assert.Matches(@"artifacts/\w\w/\w{64}", limited.Output);
        Assert.Contains("too large for the file system. Make room on its disk, then give the same command again.", limited.Output);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, "grid", "artifacts"), "*", SearchOption.AllDirectories));

        Assert.Equal(await Undisturbed("quick.yaml"), await Run("quick.yaml", "grid"));
    }

    private Task<string[]> Undisturbed(string spec) => Run(spec, "undisturbed");

    private async Task<string[]> Run(string spec, string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", spec, "--folder", grid, "--json");
        Assert.Equal(0, run.ExitCode);
        return [.. new SweepRun(run.Document).Artifacts];
    }

    private string[] Artifacts(string file)
    {
        using var document = JsonDocument.Parse(Read(file));
        return [.. new SweepRun(document.RootElement.Clone()).Artifacts];
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(folder.Path, file));
}
