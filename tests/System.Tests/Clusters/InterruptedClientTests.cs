using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>A command that is told to end while it waits for a silo.</summary>
public sealed class InterruptedClientTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Leaves_in_words_and_is_no_error_of_the_program()
    {
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Start(["a"]);
        cluster.Signal("a", "KILL");
        await cluster.Gone("a");

        await using var list = SparseGridProcess.Start(folder.Path, "ls", "--folder", "grid");
        await list.Until(() => Directory.EnumerateFiles($"/proc/{list.Pid}/fd").Any(Leads("grid.db")), "it looks for silos");
        list.Signal("TERM");
        await list.Ended();

        Assert.Equal((6, "Stopped waiting; what the grid was asked for by then, it does."), (list.ExitCode, Assert.Single(list.ErrorLines)));
    }

    private static Func<string, bool> Leads(string name) => link =>
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name == name;
        }
        catch (IOException)
        {
            return false; // Closed since it was listed.
        }
    };
}
