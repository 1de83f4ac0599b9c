using System.Text;
using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The sample's imported network and pictures made here, in the real program: no spec, no grid.</summary>
public sealed class QuickTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public QuickTests()
    {
        File.Copy(Path.Combine(Repository.Root, "samples", "models", "digits-cnn.onnx"), In("digits.onnx"));
        for (var i = 0; i < 80; i++)
        {
            Directory.CreateDirectory(In($"images/{i % 10}"));
            var pixels = new byte[10 * 9];
            new Random(i).NextBytes(pixels);
            File.WriteAllBytes(In($"images/{i % 10}/{i:00}.pgm"), [.. Encoding.ASCII.GetBytes("P5 10 9 255\n"), .. pixels]);
        }
    }

    public void Dispose() => folder.Dispose();

    private string In(string name) => Path.Combine(folder.Path, name);

    [Fact]
    public async Task A_network_and_pictures_are_all_it_takes()
    {
        await using var quick = await SparseGridProcess.Run(folder.Path, "quick", "digits.onnx", "images", "--runs", "5", "--json");
        Assert.True(quick.ExitCode == 0, quick.Error);
        Assert.Equal(4, quick.Document.GetProperty("methods").GetArrayLength());
        Assert.Equal(6, quick.Document.GetProperty("layers").GetArrayLength());
        Assert.Equal(40, quick.Document.GetProperty("images").GetProperty("evaluation").GetInt32());
        Assert.Equal(40, quick.Document.GetProperty("model").GetProperty("sameClass").GetInt32());
        Assert.Equal(["digits-int8.onnx", "quick.html", "quick.json"], Directory.GetFiles(In("digits-quick")).Select(Path.GetFileName).Order());
        Assert.False(Directory.Exists(In(".sparsegrid")));
        Assert.SkipUnless(SystemPython.HasOnnx, "Debian's python3-onnx is not installed.");
        Assert.Equal("1 accepted", SystemPython.CheckOnnx([In("digits-quick/digits-int8.onnx")]));
    }

    [Fact]
    public async Task A_signal_leaves_what_was_found_by_then()
    {
        await using var quick = SparseGridProcess.Start(folder.Path, "quick", "digits.onnx", "images", "--runs", "100000");
        await quick.Until(() => quick.Output.Contains("time max"), "the first method was timed");
        quick.Signal("TERM");
        await quick.Ended();
        Assert.Equal(6, quick.ExitCode);
        Assert.Contains("stopped before the end", quick.Output);
        using var document = JsonDocument.Parse(File.ReadAllText(In("digits-quick/quick.json")));
        Assert.False(document.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal("max", document.RootElement.GetProperty("methods")[0].GetProperty("method").GetString());
        Assert.True(File.Exists(In("digits-quick/digits-int8.onnx")));
    }

    [Fact]
    public async Task What_cannot_be_used_is_one_line_and_leaves_nothing()
    {
        await using var quick = await SparseGridProcess.Run(folder.Path, "quick", "digits.onnx", "nowhere");
        Assert.Equal(2, quick.ExitCode);
        Assert.StartsWith("nowhere: there is no such folder or file, and no data set of that name.", Assert.Single(quick.ErrorLines));
        Assert.False(Directory.Exists(In("digits-quick")));
    }
}
