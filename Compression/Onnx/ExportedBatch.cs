using Google.Protobuf;

namespace SparseGrid.Compression.Onnx;

/// <summary>Fixes the number of images that an exported file takes at a call.</summary>
public static class ExportedBatch
{
    /// <summary>The file that an export with <see cref="ExportOptions.Batch"/> would have made: sizes of input and output say the number, nothing else changes.</summary>
    /// <param name="onnx">A file that was exported here with an open batch.</param>
    /// <param name="batch">Images a call, at least 1.</param>
    /// <exception cref="ArgumentException">The batch is below 1.</exception>
    /// <exception cref="InvalidDataException">The bytes are no ONNX file, or it takes another fixed number of images.</exception>
    public static byte[] Fix(byte[] onnx, int batch)
    {
        new ExportOptions(Batch: batch).Check();
        var model = ExportedSparsity.Parse(onnx);
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output))
        {
            var images = value.Type.TensorType.Shape.Dim[0];
            if (images.DimValue > 0 && images.DimValue != batch)
                throw new InvalidDataException($"The file takes {images.DimValue} images a call, not {batch}: '{value.Name}' says so. Export it with an open batch first.");
            images.DimValue = batch;
        }

        return model.ToByteArray();
    }
}
