using SparseGrid.Compression.CudaInt8.Compilation;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>How an engine computes convolutions.</summary>
public enum ConvolutionForm
{
    /// <summary>2:4 or dense, whichever was measured to be faster for the layer and batch; 2:4 only where the weights allow it.</summary>
    Fastest,

    /// <summary>Dense kernels, also where weights are 2:4.</summary>
    Dense,

    /// <summary>2:4 kernels where the weights allow it, also where dense ones are faster.</summary>
    TwoFour,

    /// <summary>The plain kernels, one thread for each output, nothing fused: slow, and what the others are checked against.</summary>
    Plain,
}

/// <summary>The form in which images are given.</summary>
public enum ImageForm
{
    /// <summary>float32, [N, C, H, W].</summary>
    Float32,

    /// <summary>float16, [N, H, W, C].</summary>
    Float16ChannelsLast,
}

/// <summary>How an engine is built.</summary>
/// <param name="Convolutions">Which kernels.</param>
/// <param name="Images">The form of the images.</param>
/// <param name="Recorded">True records all launches once and runs them as one: less work for the processor, which counts at small batches.</param>
/// <param name="Cache">Where machine code and tile choices are kept between builds; null for the user's cache folder.</param>
public sealed record EngineOptions(
    ConvolutionForm Convolutions = ConvolutionForm.Fastest, ImageForm Images = ImageForm.Float32, bool Recorded = true, EngineCache? Cache = null)
{
    /// <summary>For tests: the only tile and split that convolutions may take; null searches.</summary>
    internal (int Tile, int Splits)? Only { get; init; }
}
