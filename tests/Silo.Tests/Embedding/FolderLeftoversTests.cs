using SparseGrid.Silo.Embedding;

namespace SparseGrid.Silo.Tests.Embedding;

public sealed class FolderLeftoversTests
{
    [Fact]
    public void Files_that_a_killed_write_left_are_gone_when_the_folder_is_taken_and_whole_ones_stay()
    {
        using var folder = new TestFolder();
        string[] whole = [Written(folder, "artifacts/ab/abcd"), Written(folder, "checkpoints/k1/1.ckpt"), Written(folder, "mine.tmp")];
        string[] half = [Written(folder, "artifacts/ab/abcd.0f.tmp"), Written(folder, "checkpoints/k1/1.ckpt.0f.tmp")];

        using var taken = FolderLock.Take(folder.Path);

        Assert.All(whole, file => Assert.True(File.Exists(file), file));
        Assert.All(half, file => Assert.False(File.Exists(file), file));
    }

    private static string Written(TestFolder folder, string name)
    {
        var file = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "x");
        return file;
    }
}
