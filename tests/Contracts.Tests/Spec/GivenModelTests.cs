using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class GivenModelTests
{
    private const string Own = """
        sweep: own
        model: { file: nets/mine.onnx }
        data: { format: digits-csv, path: digits.csv }
        variants:
          ptq: { from: dense }
        """;

    [Theory]
    [InlineData("{ file: nets/mine.onnx }")]
    [InlineData("nets/mine.onnx")]
    public void A_network_of_the_users_own_needs_no_training_and_a_path_that_starts_at_the_spec(string model)
    {
        var spec = SpecReader.Parse(Own.Replace("{ file: nets/mine.onnx }", model, StringComparison.Ordinal), "s.yaml", "/some/folder").Spec!;

        Assert.Equal(new ModelSettings("imported"), spec.Model);
        Assert.Equal(new ModelSource(File: "/some/folder/nets/mine.onnx"), spec.Source);
        Assert.Empty(spec.Variants.Dense.Train);
        Assert.Equal([new ExportSettings()], spec.Variants.Dense.Exports);
        Assert.Equal(2, spec.Variants.Count);
    }

    [Fact]
    public void A_given_network_may_be_trained_on_and_exported_as_the_spec_says()
    {
        var spec = SpecReaderTests.Read(Own.Replace(
            "  ptq:", "  dense: { train: { epochs: { choice: [1, 2] } }, export: { opset: 17 } }\n  ptq:", StringComparison.Ordinal));

        Assert.Equal([1, 2], spec.Variants.Dense.Train.Select(train => train.Epochs));
        Assert.Equal([new ExportSettings(17)], spec.Variants.Dense.Exports);
        Assert.Equal(4, spec.Variants.Count);
    }

    [Theory]
    [InlineData("resnet34.pth")]
    [InlineData("resnet34.pt")]
    [InlineData("RESNET34.SafeTensors")]
    public void Weights_go_with_a_builders_network(string file)
    {
        var spec = SpecReaderTests.Read(Own.Replace("{ file: nets/mine.onnx }", $"{{ network: resnet34, width: 32, weights: {file} }}", StringComparison.Ordinal));

        Assert.Equal(new ModelSettings("resnet34", 32), spec.Model);
        Assert.Equal(new ModelSource(Weights: Path.GetFullPath(file)), spec.Source);
        Assert.Empty(spec.Variants.Dense.Train);
    }

    [Theory]
    [InlineData("{ file: a.onnx, bn: fresh }", "fresh")]
    [InlineData("{ file: a.onnx, bn: given }", null)]
    [InlineData("a.onnx", null)]
    public void New_batch_normalizations_are_asked_for(string model, string? batchNorm) =>
        Assert.Equal(batchNorm, SpecReaderTests.Read(Own.Replace("{ file: nets/mine.onnx }", model, StringComparison.Ordinal)).Source!.BatchNorm);

    [Fact]
    public void A_builders_network_has_no_source() => Assert.Null(SpecReaderTests.Read(SpecReaderTests.Small).Source);

    [Theory]
    [InlineData("{ file: a.onnx, network: resnet8 }", "s.yaml:2: model.network: stands beside model.file, which brings a network of its own; leave one of the two out.")]
    [InlineData("{ file: a.onnx, width: 8 }", "s.yaml:2: model.width: is for networks that are built here; that of model.file has its own widths. Leave model.width out.")]
    [InlineData("{ file: a.onnx, weights: a.pth }", "s.yaml:2: model.weights: stands beside model.file, which has its own weights; leave one of the two out.")]
    [InlineData("a.pth", "s.yaml:2: model.file: 'a.pth' holds weights without layers; say which network they are for: model: { network: resnet34, weights: a.pth }.")]
    [InlineData("{ network: resnet8, weights: a.onnx }", "s.yaml:2: model.weights: 'a.onnx' is refused: weights are read from .pth, .pt, .safetensors; an ONNX file goes to model.file, without a network.")]
    [InlineData("{ network: resnet8, weights: a.pth, bn: fresh }", "s.yaml:2: model.bn: is for model.file; networks that are built here have their BatchNorm. Leave model.bn out.")]
    [InlineData("{ weights: a.pth }", "s.yaml:2: model.network: is missing; it takes one of resnet8, resnet20, resnet18, resnet34, resnet50.")]
    [InlineData("{ }", "s.yaml:2: model.network: is missing; it takes one of resnet8, resnet20, resnet18, resnet34, resnet50.", 2)]
    [InlineData("{ fil: a.onnx, network: resnet8 }", "s.yaml:2: model.fil: unknown key; did you mean 'file'?", 2)]
    [InlineData("[a.onnx]", "s.yaml:2: model: a list stands where keys with values are expected; the keys are network, width, file, bn, weights.", 2)]
    [InlineData("{ network: resnet8 }", "s.yaml:4: variants.dense: is missing; the keys are train, export.")]
    public void A_model_that_is_said_badly_is_one_line(string model, string problem, int problems = 1)
    {
        var reading = SpecReader.Parse(Own.Replace("{ file: nets/mine.onnx }", model, StringComparison.Ordinal), "s.yaml", ".");

        Assert.Equal(problem, reading.Problems[0].ToString());
        Assert.Equal(problems, reading.Problems.Length);
    }

    [Fact]
    public void A_dense_section_without_training_is_for_given_weights_alone()
    {
        const string section = "  dense: { export: { bn: keep } }\n  ptq:";

        Assert.Equal([new ExportSettings(BatchNorm: "keep")], SpecReaderTests.Read(Own.Replace("  ptq:", section, StringComparison.Ordinal)).Variants.Dense.Exports);
        var reading = SpecReader.Parse(
            Own.Replace("  ptq:", section, StringComparison.Ordinal).Replace("{ file: nets/mine.onnx }", "{ network: resnet8 }", StringComparison.Ordinal), "s.yaml", ".");
        Assert.StartsWith("s.yaml:5: variants.dense.train: is missing; the keys are epochs, ", Assert.Single(reading.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mean: 0.5, std: 0.25", "0.5", "0.25")]
    [InlineData("mean: [0.485, 0.456, 4.06e-1], std: [0.229, 0.2240, 0.225]", "0.485,0.456,0.406", "0.229,0.224,0.225")]
    [InlineData("mean: [0.485, 0.456, 0.406], std: 0.25", "0.485,0.456,0.406", "0.25")]
    [InlineData("mean: -0, std: 1", "0", "1")]
    public void Normalization_is_numbers_for_each_channel(string numbers, string mean, string std) =>
        Assert.Equal(new NormalizeSettings(mean, std), SpecReaderTests.Read(Normalized(numbers)).Data.Normalize);

    [Theory]
    [InlineData("mean: 0.5", "data.normalize.std: is missing; it takes a number above 0 and at most 1000, or a list with one for each channel.")]
    [InlineData("mean: 0.5, std: 0", "data.normalize.std: '0' is refused; it takes a number above 0 and at most 1000.")]
    [InlineData("mean: [0.5, x], std: 1", "data.normalize.mean: 'x' is refused; it takes a number of at least -1000 and at most 1000.")]
    [InlineData("mean: [], std: 1", "data.normalize.mean: is a list of 0 numbers; it takes a number of at least -1000 and at most 1000, or a list with one for each channel.")]
    [InlineData("mean: { a: 1 }, std: 1", "data.normalize.mean: a mapping stands where one value is expected; it takes a number of at least -1000 and at most 1000.")]
    [InlineData("mean: [0.1, 0.2], std: [1, 1, 1]", "data.normalize: mean has 2 numbers and std 3; both have one for each channel, or one for all.")]
    public void Numbers_that_are_none_are_refused(string numbers, string problem) =>
        Assert.Equal($"s.yaml:3: {problem}", Assert.Single(SpecReader.Parse(Normalized(numbers), "s.yaml", ".").Problems).ToString());

    [Fact]
    public void The_sample_that_starts_from_a_file_is_read_and_its_file_is_there()
    {
        var reading = SpecReader.Read(Repository.File("samples", "imported.sweep.yaml"));

        Assert.Empty(reading.Problems);
        Assert.True(File.Exists(reading.Spec!.Source!.Path));
    }

    private static string Normalized(string numbers) =>
        SpecReaderTests.Small.Replace("path: digits.csv", $"path: digits.csv, normalize: {{ {numbers} }}", StringComparison.Ordinal);
}
