namespace SparseGrid.System.Tests.Processes;

/// <summary>Places for results that take none. The sweep itself is kept, so a second command writes them without running anything.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public OutputTests()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        folder.Write("quick.yaml", Specs.Quick());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_csv_file_on_a_full_disk_is_named_and_the_sweep_is_kept()
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--csv", "/dev/full");
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"^--csv is /dev/full: .*No space left.*\.$", Assert.Single(run.ErrorLines));
        Assert.Contains("4 of 4 trials finished", run.Output);
        await NothingIsLeftToRun();
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--slots=1")]
    public async Task Standard_output_on_a_full_disk_is_told_in_one_line(string option)
    {
        // Progress goes there too where no document does; so the fault may come before the end.
        await using var run = await SparseGridProcess.RunUnder(
            ["sh", "-c", "exec \"$@\" > /dev/full", "sh"], folder.Path, "run", "quick.yaml", option);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"^[Ss]tandard output.*No space left.*\.$", run.ErrorLines.Last());
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("plan", "quick.yaml")]
    [InlineData("schema")]
    public async Task Other_commands_tell_it_too(params string[] command)
    {
        await using var run = await SparseGridProcess.RunUnder(["sh", "-c", "exec \"$@\" > /dev/full", "sh"], folder.Path, command);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"^[Ss]tandard output.*No space left.*\.$", Assert.Single(run.ErrorLines));
    }

    private async Task NothingIsLeftToRun()
    {
        await using var plan = await SparseGridProcess.Run(folder.Path, "plan", "quick.yaml");
        Assert.Contains("4 done already", plan.Output);
    }
}
