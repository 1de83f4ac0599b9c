namespace SparseGrid.Compression.CudaInt8;

/// <summary>What the build of an engine spent its time on; what is left of its total is weights, memory, and launches.</summary>
/// <param name="Code">Reading machine code from the cache or compiling it.</param>
/// <param name="Tiles">Timing tiles on each shape; zero where all were remembered.</param>
/// <param name="Network">Timing the whole network, without the above; next to zero where its choice was remembered.</param>
/// <param name="Total">Everything.</param>
public sealed record BuildTimes(TimeSpan Code, TimeSpan Tiles, TimeSpan Network, TimeSpan Total);
