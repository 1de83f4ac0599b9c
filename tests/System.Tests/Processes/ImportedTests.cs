using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The sample that starts from somebody's ONNX file: planned, run to its end, exported as a bundle, and planned again.</summary>
public sealed class ImportedTests(ImportedFixture sample) : IClassFixture<ImportedFixture>
{
    private const string ModelHere = "models/digits-cnn.onnx";

    [Fact]
    public void The_plan_shows_the_file_and_starts_with_its_weights()
    {
        Assert.Matches(@"(?m)^model digits-cnn\.onnx, SHA-256 [0-9a-f]{64}: 6 layers with weights, 14,034 parameters, images of 1x8x8, 10 classes$", sample.Plan);
        Assert.Matches(@"(?m)^0 +dense +dense +7 +[0-9a-f]{8} +0 +no +load, export, evaluate, measure *$", sample.Plan);
    }

    [Fact]
    public void Every_trial_finishes_and_the_file_that_came_is_as_good_as_it_was_elsewhere()
    {
        Assert.Equal(8, sample.Run.Rows.Length);
        Assert.All(sample.Run.Rows.Select(row => row.GetProperty("state").GetString()), state => Assert.Equal("finished", state));
        Assert.All(sample.Run.Results, result => Assert.InRange(result.GetProperty("test").GetProperty("mismatches").GetInt32(), 0, 2));

        // Without the normalization that it was trained with it has far less.
        Assert.InRange(sample.Run.Results[0].GetProperty("test").GetProperty("top1").GetDouble(), 0.97, 1);
        Assert.All(sample.Run.Results, result => Assert.InRange(result.GetProperty("test").GetProperty("top1").GetDouble(), 0.95, 1));
        Assert.Equal((1, 0, 2), (sample.Run.Executed("load"), sample.Run.Executed("train"), sample.Run.Executed("collect")));
    }

    [Fact]
    public void The_result_names_the_file_and_what_it_held()
    {
        var model = sample.Run.Document.GetProperty("plan").GetProperty("model");

        Assert.Equal("digits-cnn.onnx", model.GetProperty("file").GetString());
        Assert.True(JsonElement.DeepEquals(
            model.GetProperty("settings").GetProperty("given"), sample.Run.Results[0].GetProperty("recipe").GetProperty("model").GetProperty("given")));
        Assert.Contains($"digits-cnn.onnx, SHA-256 {model.GetProperty("fileDigest").GetString()}", sample.Report, StringComparison.Ordinal);
        Assert.Contains("normalized by mean 0.306, std 0.377", sample.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_ends_in_a_bundle_that_says_how_the_network_wants_its_images()
    {
        using var preprocessing = JsonDocument.Parse(File.ReadAllText(Path.Combine(sample.Bundle, "preprocessing.json")));

        Assert.Equal([0.306], preprocessing.RootElement.GetProperty("mean").EnumerateArray().Select(number => number.GetDouble()));
        Assert.Equal("image", preprocessing.RootElement.GetProperty("input").GetString());
        Assert.InRange(new FileInfo(Path.Combine(sample.Bundle, "model.onnx")).Length, 1000, 30_000);
    }

    [Fact]
    public async Task The_same_network_under_another_name_runs_nothing_again()
    {
        using var folder = new TemporaryFolder();
        folder.Write("renamed.yaml", sample.Spec.Replace(ImportedFixture.Model, "renamed.onnx").Replace("sweep: imported", "sweep: renamed"));
        File.Copy(ImportedFixture.Model, Path.Combine(folder.Path, "renamed.onnx"));
        await using var again = await SparseGridProcess.Run(folder.Path, "run", "renamed.yaml", "--folder", sample.Grid, "--json");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(0, new SweepRun(again.Document).ExecutedInAll);
        Assert.Equal("renamed.onnx", again.Document.GetProperty("plan").GetProperty("model").GetProperty("file").GetString());
    }

    [Theory]
    [InlineData(ModelHere, "models/none.onnx", @"^model\.file: .*none\.onnx: there is no such file\. Relative paths start at the spec's folder\.$")]
    [InlineData(ModelHere, $"{{ file: {ModelHere}, width: 8 }}", @"^bad\.yaml:5: model\.width: is for networks that are built here")]
    [InlineData("mean: 0.306", "mean: [0.1, 0.2]", @"^data\.normalize\.mean has 2 numbers, but the images are 1x8x8")]
    [InlineData("images: 512 }", "images: 512 }\n    quantize: { exclude: clasifier }", @"^variants\.ptq\.quantize: No layer is named 'clasifier'; did you mean 'classifier'\?$")]
    public async Task What_does_not_go_together_is_one_line_before_anything_runs(string good, string bad, string says)
    {
        using var folder = new TemporaryFolder();
        folder.Write("bad.yaml", sample.Spec.Replace(ImportedFixture.Model, ModelHere).Replace(good, bad).Replace(ModelHere, ImportedFixture.Model));
        await using var run = await SparseGridProcess.Run(folder.Path, "run", "bad.yaml");
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(says, Assert.Single(run.ErrorLines));
        Assert.Empty(run.Output);
    }
}
