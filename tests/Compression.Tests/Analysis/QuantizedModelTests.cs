using SparseGrid.Compression.Analysis;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tests.Data;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Analysis;

public sealed class QuantizedModelTests : TestFolder
{
    [Fact]
    public void A_file_that_is_quantized_already_is_no_float_baseline_and_is_refused()
    {
        File.WriteAllBytes(In("int8.onnx"), QuantizedImportTests.Exported(ResNet.Build("resnet8", new(1, 8, 8), 10, width: 8), Dialect.Ort, BatchNormForm.Fold, seed: 1));
        var refused = Assert.Throws<InvalidDataException>(() => QuickAnalysis.Run(new(In("int8.onnx"), In("")), _ => { }, TestContext.Current.CancellationToken));
        Assert.EndsWith("int8.onnx is quantized already, and what quantizing costs is seen beside floats. Give the float model that it was made from.", refused.Message);
    }
}
