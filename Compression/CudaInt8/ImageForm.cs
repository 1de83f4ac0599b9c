namespace SparseGrid.Compression.CudaInt8;

/// <summary>The form in which images are given.</summary>
public enum ImageForm
{
    /// <summary>float32, [N, C, H, W].</summary>
    Float32,

    /// <summary>float16, [N, H, W, C].</summary>
    Float16ChannelsLast,
}
