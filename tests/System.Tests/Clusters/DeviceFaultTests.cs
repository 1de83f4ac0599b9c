using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>A device that fails takes its process along: code 70, so that a supervisor starts another; nothing that was done is lost.</summary>
public sealed class DeviceFaultTests : IDisposable
{
    private const string Fault = "finetune:CUDA error: an illegal memory access was encountered";
    private readonly TemporaryFolder folder = new();

    public DeviceFaultTests() => folder.Write("quick.yaml", Specs.Quick());

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_silo_whose_device_fails_ends_with_code_70_and_its_variants_go_on_elsewhere()
    {
        await using var cluster = new SiloCluster(folder.Path);
        await cluster.Take("broken", SparseGridProcess.StartToFail(Fault, folder.Path, "silo", "--folder", "grid", "--name", "broken"));
        await using (await cluster.Client(0, "submit", "quick.yaml"))
        {
        }

        var broken = await cluster.Gone("broken");
        Assert.Equal(70, broken.ExitCode);
        Assert.Equal("broken can compute no more: CUDA error: an illegal memory access was encountered. Its variants go on elsewhere; start it again.", Assert.Single(broken.ErrorLines));

        await cluster.Start(["whole"]);
        await using (await cluster.Client(0, "watch", "quick"))
        {
        }

        var run = await cluster.Result("quick");
        Assert.Equal(await Undisturbed(), run.Artifacts);
        Assert.Single(cluster.ExecutedStages(), stage => stage.StartsWith("train ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_whose_device_fails_ends_with_code_70_in_one_line_and_the_same_command_goes_on()
    {
        await using (var failed = SparseGridProcess.StartToFail(Fault, folder.Path, "run", "quick.yaml", "--folder", "grid"))
        {
            await failed.Ended();
            Assert.Equal(70, failed.ExitCode);
            Assert.StartsWith("The device failed: CUDA error: an illegal memory access was encountered. What was finished", Assert.Single(failed.ErrorLines), StringComparison.Ordinal);
        }

        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--folder", "grid", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Single(File.ReadLines(Path.Combine(folder.Path, "grid", "silo.log")), line => line.Contains(" runs train "));
        Assert.Equal(await Undisturbed(), new SweepRun(run.Document).Artifacts);
    }

    private async Task<IReadOnlyList<string>> Undisturbed()
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--folder", "undisturbed", "--json");
        Assert.Equal(0, run.ExitCode);
        return new SweepRun(run.Document).Artifacts;
    }
}
