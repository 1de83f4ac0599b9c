namespace SparseGrid.System.Tests.Processes;

/// <summary>Artifacts that somebody changed on disk between two runs.</summary>
public sealed class ChangedArtifactTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ChangedArtifactTests()
    {
        folder.Write("quick.yaml", Specs.Quick());
        folder.Write("wider.yaml", Specs.Quick("max, mse", "wider"));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("deleted")]
    [InlineData("truncated")]
    [InlineData("flipped")]
    public async Task A_wider_sweep_over_changed_artifacts_of_every_role_gives_the_results_of_an_undisturbed_one(string how)
    {
        await Run("quick.yaml", "changed");
        var files = Directory.GetFiles(Path.Combine(folder.Path, "changed", "artifacts"), "*", SearchOption.AllDirectories);
        foreach (var file in files)
            Change(file, how);

        Assert.Equal(await Run("wider.yaml", "undisturbed"), await Run("wider.yaml", "changed"));
    }

    [Fact]
    public async Task The_same_sweep_makes_deleted_artifacts_again()
    {
        var before = await Run("quick.yaml", "deleted");
        var artifacts = Path.Combine(folder.Path, "deleted", "artifacts");
        Directory.Delete(artifacts, recursive: true);

        Assert.Equal(before, await Run("quick.yaml", "deleted"));
        var names = Directory.EnumerateFiles(artifacts, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToHashSet();
        Assert.All(before, artifact => Assert.Contains(artifact[^64..], names));
    }

    private static void Change(string file, string how)
    {
        var bytes = File.ReadAllBytes(file);
        if (how == "deleted")
            File.Delete(file);
        else if (how == "truncated")
            File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
        else
            File.WriteAllBytes(file, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
    }

    private async Task<IReadOnlyList<string>> Run(string spec, string grid)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", spec, "--folder", grid, "--json");
        Assert.True(run.ExitCode == 0, $"{spec} in {grid} ended with {run.ExitCode}\n{run.Error}\n{run.Output}");
        return new SweepRun(run.Document).Artifacts;
    }
}
