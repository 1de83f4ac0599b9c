using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>Artifacts that were changed on disk between two sweeps: made again with the same bytes, whatever role they had.</summary>
public sealed class LostArtifactTests
{
    public static TheoryData<string, string> Cases() =>
        new(from role in (string[])["weights", "masks", "histograms", "ranges", "onnx", "predictions_validation", "predictions_test"] from how in (string[])["deleted", "truncated", "flipped"] select (role, how));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_wider_sweep_makes_again_what_it_needs_of_its_ancestors(string role, string how)
    {
        await using var grid = await TestGrid.Start();
        var before = await Finished(grid, "one", "max");
        var files = Damage(grid, before, role, how);

        await Finished(grid, "two", "max", "mse");

        // A finished variant's own files are read in full only where another variant needs them.
        Assert.All(files.Where(file => file.OfAncestor || how == "deleted"), file => Assert.Equal(file.Bytes, File.ReadAllBytes(file.Path)));
    }

    [Fact]
    public async Task The_same_sweep_makes_again_every_file_that_is_gone_and_gives_the_same_results()
    {
        await using var grid = await TestGrid.Start();
        var before = await Finished(grid, "one", "max");
        Directory.Delete(Path.Combine(grid.Folder, "artifacts"), recursive: true);

        var after = await Finished(grid, "one", "max");

        var store = new FolderArtifactStore(grid.Folder);
        Assert.All(Hashes(before), hash => Assert.True(store.Holds(hash), hash));
        Assert.Equal(Hashes(before), Hashes(after));
    }

    private static async Task<TrialRow[]> Finished(TestGrid grid, string name, params string[] methods)
    {
        await grid.Sweep(name).Submit(Specs.Tree(name, methods));
        var status = await Until.Ended(grid.Sweep(name));
        Assert.Equal((status.Trials, 0), (status.Finished, status.Failed));
        return [.. await grid.Sweep(name).Rows(0, 20)];
    }

    private static List<(string Path, byte[] Bytes, bool OfAncestor)> Damage(TestGrid grid, TrialRow[] rows, string role, string how)
    {
        var store = new FolderArtifactStore(grid.Folder);
        var files = rows
            .SelectMany(row => row.Result!.Stages.SelectMany(stage => stage.Artifacts).Select(artifact => (row, artifact)))
            .Where(made => made.artifact.Key == role)
            .Select(made => (Path: store.Locate(made.artifact.Value), OfAncestor: made.row.Kind is not VariantKind.Ptq))
            .DistinctBy(file => file.Path)
            .Select(file => (file.Path, File.ReadAllBytes(file.Path), file.OfAncestor))
            .ToList();
        Assert.NotEmpty(files);
        foreach (var (path, bytes, _) in files)
        {
            if (how == "deleted")
                File.Delete(path);
            else if (how == "truncated")
                File.WriteAllBytes(path, bytes[..^1]);
            else
                File.WriteAllBytes(path, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        }

        return files;
    }

    private static string[] Hashes(IEnumerable<TrialRow> rows) => [.. rows.SelectMany(row => row.Result!.Stages).SelectMany(stage => stage.Artifacts.Values)];
}
