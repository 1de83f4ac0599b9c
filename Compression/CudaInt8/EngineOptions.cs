using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Execution;

namespace SparseGrid.Compression.CudaInt8;

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

    /// <summary>For studies of the search: told of every tile that is timed, with its layer's shape and whether its weights were 2:4.</summary>
    internal Action<string, bool, TileChoice>? Measured { get; init; }

    /// <summary>For tests: steps that one kernel can compute together are joined whether that is faster or not.</summary>
    internal bool AlwaysJoin { get; init; }

    /// <summary>For tests: every tensor has a block of the GPU's memory of its own, so that a memory checker sees a kernel that leaves its tensor.</summary>
    internal bool TensorsApart { get; init; }
}
