using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Bundles of the tree sweep, written by the real program and checked by others.</summary>
public sealed class ExportTests(TreeFixture tree) : IClassFixture<TreeFixture>, IDisposable
{
    private const string Script = "check.py";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string In(string name) => Path.Combine(folder.Path, name);

    private Task<SparseGridProcess> Export(string output, params string[] options) =>
        SparseGridProcess.Run(tree.Folder, ["export", "tree.yaml", "--output", In(output), .. options]);

    private async Task<JsonElement> Exported(string output, params string[] options)
    {
        await using var export = await Export(output, options);
        Assert.True(export.ExitCode == 0, export.Error);
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(In($"{output}/manifest.json")));
        return manifest.RootElement.Clone();
    }

    private static string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    [Fact]
    public async Task The_recommended_variant_is_exported_with_the_file_that_was_evaluated()
    {
        var manifest = await Exported("best");
        var recommended = tree.First.Rows[tree.First.Document.GetProperty("recommendation").GetProperty("index").GetInt32()];
        Assert.Equal(recommended.GetProperty("path").GetString(), manifest.GetProperty("source").GetProperty("variant").GetString());
        Assert.Equal(recommended.GetProperty("variant").GetString(), manifest.GetProperty("source").GetProperty("recipe").GetString());
        Assert.Equal(recommended.GetProperty("variant").GetString(), Sha256(In("best/recipe.json")));
        Assert.Equal(manifest.GetProperty("model").GetProperty("artifact").GetString(), Sha256(In("best/model.onnx")));
        Assert.Contains(tree.First.ExportedFiles, hash => hash == Sha256(In("best/model.onnx")));
        Assert.Equal(
            ["README.txt", "check-inputs.safetensors", "check-outputs.safetensors", Script, "manifest.json", "model.onnx", "preprocessing.json", "recipe.json", "trtexec.txt"],
            Directory.GetFiles(In("best")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in manifest.GetProperty("files").EnumerateArray())
            Assert.Equal(file.GetProperty("sha256").GetString(), Sha256(In($"best/{file.GetProperty("name").GetString()}")));
        Assert.Equal(
            recommended.GetProperty("result").GetProperty("test").GetProperty("top1").GetDouble(), manifest.GetProperty("test").GetProperty("top1").GetDouble());
    }

    [Fact]
    public async Task A_variant_is_named_by_path_index_or_identity_and_gives_the_same_bytes_each_time()
    {
        await Exported("path", "--variant", "dense/sparse");
        await Exported("index", "--variant", "1");
        await Exported("id", "--variant", tree.First.Rows[1].GetProperty("variant").GetString()![..8]);
        foreach (var file in Directory.GetFiles(In("path")).Select(Path.GetFileName))
        {
            Assert.Equal(Sha256(In($"path/{file}")), Sha256(In($"index/{file}")));
            Assert.Equal(Sha256(In($"path/{file}")), Sha256(In($"id/{file}")));
        }

        // Nothing in it tells where or when it was made.
        Assert.DoesNotContain(folder.Path, string.Concat(Directory.GetFiles(In("path"), "*.json").Select(File.ReadAllText)));
        var lines = File.ReadAllText(In("path/trtexec.txt"));
        Assert.Contains("NEVER RUN", lines);
        Assert.Contains("--sparsity=enable --minShapes=input:1x1x8x8 --optShapes=input:1x1x8x8 --maxShapes=input:64x1x8x8\n", lines);
        Assert.Contains("--stronglyTyped", lines);
        Assert.DoesNotContain("--int8", lines);
    }

    [Fact]
    public async Task A_fixed_batch_is_in_the_file_and_its_check()
    {
        var manifest = await Exported("four", "--variant", "dense", "--batch", "3", "--images", "8");
        Assert.Equal(3, manifest.GetProperty("model").GetProperty("batch").GetInt32());
        Assert.Equal(9, manifest.GetProperty("check").GetProperty("images").GetInt32());
        Assert.NotEqual(manifest.GetProperty("model").GetProperty("artifact").GetString(), Sha256(In("four/model.onnx")));
        Assert.DoesNotContain("Shapes", File.ReadAllText(In("four/trtexec.txt")));
        Assert.SkipUnless(SystemPython.HasOnnx, "Debian's python3-onnx is not installed.");
        Assert.Equal("1 accepted", SystemPython.CheckOnnx([In("four/model.onnx")]));
    }

    [Fact]
    public async Task A_file_of_somebody_else_is_never_overwritten()
    {
        await Exported("mine", "--variant", "dense");
        await Exported("mine", "--variant", "dense");
        await using var other = await Export("mine", "--variant", "1");
        Assert.Equal(2, other.ExitCode);
        Assert.Matches(@"^.*mine holds model\.onnx.* with other contents, and nothing is overwritten\.", Assert.Single(other.ErrorLines));
        var dense = Sha256(In("mine/model.onnx"));
        await Exported("again", "--variant", "dense");
        Assert.Equal(Sha256(In("again/model.onnx")), dense);
    }

    [Fact]
    public async Task What_is_not_there_is_said_with_what_there_is()
    {
        await using var unknown = await Export("none", "--variant", "dense/ptq best");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--variant is dense/ptq best: no trial has that path, index or identity. Nearest are ", unknown.Error);
        await using var nowhere = await Export("none", "--folder", "nowhere");
        Assert.Equal(2, nowhere.ExitCode);
        Assert.Contains("--folder is nowhere: there is no grid. Run the sweep first: sparsegrid run tree.yaml", nowhere.Error);
        folder.Write("other.yaml", Specs.Tree("other"));
        await using var never = await SparseGridProcess.Run(tree.Folder, "export", In("other.yaml"), "--output", In("none"));
        Assert.Equal(2, never.ExitCode);
        Assert.Contains("Sweep 'other' was never run in .sparsegrid.", never.Error);
        Assert.False(Directory.Exists(In("none")));
    }

    /// <summary>With ONNX Runtime where Python has it, else with the file's operators computed one by one by PyTorch.</summary>
    [Theory]
    [InlineData("dense")]
    [InlineData("dense/sparse/ptq mse")]
    public async Task A_third_party_checks_the_bundle_with_its_script_and_a_changed_file_fails(string variant)
    {
        var own = Environment.GetEnvironmentVariable("SPARSEGRID_PYTHON") ?? "/usr/bin/python3";
        var runtime = Runs(own, "import numpy, onnxruntime") ? "" : Runs(own, "import numpy, onnx, torch") ? Path.Combine(AppContext.BaseDirectory, "Processes", "operators") : null;
        Assert.SkipWhen(runtime is null, $"{own} has neither onnxruntime nor Debian's python3-onnx and python3-torch.");
        await Exported("checked", "--variant", variant);

        var (code, text) = Python(own, runtime!, In($"checked/{Script}"));
        Assert.True(code == 0, text);
        Assert.Contains("The file computes here what it computed where the bundle was made.", text);

        // Scores that the file does not give; the manifest is made to agree, so that the comparison itself has to find it.
        var outputs = File.ReadAllBytes(In("checked/check-outputs.safetensors"));
        var before = Sha256(In("checked/check-outputs.safetensors"));
        BitConverter.TryWriteBytes(outputs.AsSpan(outputs.Length - 8), BitConverter.ToSingle(outputs, outputs.Length - 8) + 9);
        File.WriteAllBytes(In("checked/check-outputs.safetensors"), outputs);
        (code, text) = Python(own, runtime!, In($"checked/{Script}"));
        Assert.NotEqual(0, code);
        Assert.Contains("check-outputs.safetensors is not the file that manifest.json names", text);
        File.WriteAllText(In("checked/manifest.json"), File.ReadAllText(In("checked/manifest.json")).Replace(before, Sha256(In("checked/check-outputs.safetensors"))));
        (code, text) = Python(own, runtime!, In($"checked/{Script}"));
        Assert.NotEqual(0, code);
        Assert.Contains("They should differ by at most", text);
    }

    private static bool Runs(string python, string import) => File.Exists(python) && Python(python, "", "-c", import).Code == 0;

    private static (int Code, string Text) Python(string python, string modules, params string[] arguments)
    {
        var start = new ProcessStartInfo(python, ["-W", "ignore", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = modules;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text + error.Result);
    }
}
