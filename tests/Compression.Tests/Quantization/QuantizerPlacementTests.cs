using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class QuantizerPlacementTests
{
    private static readonly LayerGraph Block = ResNet.Build("resnet8", new ImageShape(1, 8, 8), 10);

    [Fact]
    public void The_residual_identity_is_quantized_and_for_onnx_runtime_the_branch_too()
    {
        var ort = QuantizerPlacement.Of(Block, Dialect.Ort).Activations.Select(quantizer => quantizer.Tensor).ToHashSet();
        var tensorRt = QuantizerPlacement.Of(Block, Dialect.TensorRt).Activations.Select(quantizer => quantizer.Tensor).ToHashSet();

        Assert.Contains("layer2.0.downsample.1_out", ort);
        Assert.Contains("layer2.0.downsample.1_out", tensorRt);
        Assert.Contains("layer2.0.bn2_out", ort);
        Assert.DoesNotContain("layer2.0.bn2_out", tensorRt);
        Assert.DoesNotContain(ort.Union(tensorRt), tensor => tensor.StartsWith("flatten", StringComparison.Ordinal) || tensor == "output");
    }

    [Fact]
    public void Only_what_cannot_be_negative_is_unsigned_and_only_for_onnx_runtime()
    {
        Assert.Equal(
            ["relu_out", "layer1.0.relu1_out", "layer1.0.relu2_out", "layer2.0.relu1_out", "layer2.0.relu2_out", "layer3.0.relu1_out", "layer3.0.relu2_out", "avgpool_out"],
            QuantizerPlacement.Of(Block, Dialect.Ort).Activations.Where(quantizer => !quantizer.Signed).Select(quantizer => quantizer.Tensor));
        Assert.All(QuantizerPlacement.Of(Block, Dialect.TensorRt).Activations, quantizer => Assert.True(quantizer.Signed));
    }

    [Fact]
    public void ResNet34_has_the_reference_workflows_places()
    {
        // 36 convolutions, the classifier, the pool and 16 identities read 38 distinct tensors: the image, the max pool, 2 of each block,
        // 3 projections and the pooled vector.
        var placement = QuantizerPlacement.Of(ResNet.Build("resnet34", new ImageShape(3, 224, 224), 1000), Dialect.TensorRt);
        Assert.Equal(37, placement.Weights.Length);
        Assert.Equal(1 + 1 + 16 * 2 + 3 + 1, placement.Activations.Length);
    }
}
