using System.Diagnostics;
using System.Text;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Folders that cannot be used as they are.</summary>
public sealed class GridFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public GridFolderTests() => folder.Write("quick.yaml", Specs.Quick());

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_read_only_folder_is_told_in_one_line_with_the_fix()
    {
        Assert.SkipWhen(PrivateMounts.WhyNot is not null, PrivateMounts.WhyNot ?? "");
        var codes = await PrivateMounts.Run(folder.Path, """
            mkdir grid empty
            "$@" run quick.yaml --folder grid > before.out
            mount -t tmpfs -o ro tmpfs empty
            "$@" run quick.yaml --folder empty > empty.out 2> empty.err && echo 0 || echo $?
            "$@" run quick.yaml --folder empty/new > new.out 2> new.err && echo 0 || echo $?
            mount --bind grid grid && mount -o remount,bind,ro grid
            "$@" run quick.yaml --folder grid > grid.out 2> grid.err && echo 0 || echo $?
            """);

        Assert.Equal("2\n2\n2\n", codes);
        foreach (var name in (string[])["empty", "new", "grid"])
            Assert.Matches(@$"^\S.*{name}.*[Rr]ead-only.*another folder\.\n$", File.ReadAllText(Path.Combine(folder.Path, $"{name}.err")));
    }

    [Fact]
    public async Task A_folder_that_is_a_file_is_told_in_one_line()
    {
        var file = folder.Write("file", "mine");
        await Refused("run", "file", @"--folder is file: it is no folder.*Give another folder\.$");
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_lock_that_a_killed_process_left_is_taken_over()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "left"));
        using var died = Process.Start("true");
        await died.WaitForExitAsync(TestContext.Current.CancellationToken);
        folder.Write("left/silo.lock", "");
        folder.Write("left/silo.pid", $"{died.Id}");

        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--folder", "left");
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is(string verb)
    {
        var bytes = await Damaged(_ => Encoding.ASCII.GetBytes(new string('x', 5000)));
        await Refused(verb, "grid", @"grid\.db: the database is damaged\. .*delete grid\.db");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_with_a_damaged_page_is_named_and_a_new_one_gives_the_same_artifacts()
    {
        // All pages after the first are overwritten; the header stays whole.
        await Damaged(whole => [.. whole[..4096], .. Enumerable.Repeat((byte)0xA5, whole.Length - 4096)]);
        await Refused("run", "grid", @"grid\.db: the database is damaged\. .*delete grid\.db");

        foreach (var file in Directory.GetFiles(Path.Combine(folder.Path, "grid"), "grid.db*"))
            File.Delete(file);
        Assert.Equal(await Artifacts("undisturbed"), await Artifacts("grid"));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_named_and_left_as_it_is()
    {
        // The version is at bytes 60 to 63 of an SQLite file, big-endian.
        var bytes = await Damaged(whole => [.. whole[..60], 0, 0, 0, 9, .. whole[64..]]);
        await Refused("run", "grid", @"grid\.db: the database is of version 9, and this program knows versions up to 1\. Use the program that wrote it");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
    }

    private string Database => Path.Combine(folder.Path, "grid", "grid.db");

    /// <summary>Runs the sweep, then replaces the bytes of the database.</summary>
    private async Task<byte[]> Damaged(Func<byte[], byte[]> damage)
    {
        await Artifacts("grid");
        var bytes = damage(await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
        await File.WriteAllBytesAsync(Database, bytes, TestContext.Current.CancellationToken);
        return bytes;
    }

    private async Task Refused(string verb, string grid, string pattern)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, verb, "quick.yaml", "--folder", grid);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(pattern, Assert.Single(run.ErrorLines));
        Assert.Empty(run.Output);
    }

    private async Task<IReadOnlyList<string>> Artifacts(string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--folder", grid, "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }
}
