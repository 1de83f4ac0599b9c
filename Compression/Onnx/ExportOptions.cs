using SparseGrid.Compression.Quantization;

namespace SparseGrid.Compression.Onnx;

/// <summary>How an ONNX file is written.</summary>
/// <param name="Opset">Version of the standard operator set, 13 (the first with per-channel Q/DQ) to 21.</param>
/// <param name="BatchNorm">Folded into the convolution before it, or kept.</param>
/// <param name="Batch">Images a call, at least 1; null leaves the batch open.</param>
/// <param name="Rounding">How weights become integers; the rule that the network was trained with, so that the file holds the integers it was trained
/// with.</param>
public sealed record ExportOptions(
    int Opset = 13, BatchNormForm BatchNorm = BatchNormForm.Fold, int? Batch = null, RoundingRule Rounding = RoundingRule.Onnx)
{
    internal void Check()
    {
        if (Opset is < 13 or > 21)
            throw new ArgumentException($"opset is {Opset}: 13 to 21 can be written: 13 is the first with a scale per channel, and is read most widely.");
        if (Batch is < 1)
            throw new ArgumentException($"batch is {Batch}: a file takes at least 1 image; leave it out for any number.");
    }
}
