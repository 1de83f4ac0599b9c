using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Networks that torchvision exported (NAME.onnx) with one batch and PyTorch's output for it (NAME.io.safetensors), of the golden folder's models/.</summary>
public sealed class GoldenModelTests
{
    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Folder, "*.onnx").Order(StringComparer.Ordinal).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    private static string Folder => Path.Combine(GoldenIndex.Folder, "models");

    [Theory]
    [MemberData(nameof(Models))]
    public void GoldenModel_is_imported_and_gives_PyTorchs_scores_here_and_in_the_runtime(string name)
    {
        var (images, expected) = Recorded(name);
        var network = Open(name);
        Assert.Empty(network.Notes);

        ImportedModel.AssertScores(network, File.ReadAllBytes(PathOf(name)), images, expected);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GoldenModel_is_the_same_after_export_and_import(string name)
    {
        var network = Open(name);
        ImportedModel.AssertSameAfterExport(network);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GoldenModel_is_pruned_calibrated_and_tuned_and_its_file_gives_the_same_scores(string name)
    {
        var network = Open(name);
        foreach (var dialect in (Dialect[])[Dialect.Ort, Dialect.TensorRt])
            ImportedModel.AssertQuantizes(network, Recorded(name).Images, dialect);
    }

    private static string PathOf(string name) => Path.Combine(Folder, name + ".onnx");

    private static ImportedNetwork Open(string name) => OnnxImport.Open(PathOf(name));

    private static (HostArray Images, float[] Scores) Recorded(string name)
    {
        var file = $"{name}.io.safetensors";
        var arrays = SafeTensors.Read(File.ReadAllBytes(Path.Combine(Folder, file)), file);
        return (arrays["input"], arrays["output"].Floats.ToArray());
    }
}
