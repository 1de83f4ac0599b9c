namespace SparseGrid.Compression.Runtimes;

/// <summary>A network that lies on a GPU with a batch of images, ready to be timed.</summary>
public interface IGpuNetwork
{
    /// <summary>Class scores of a batch.</summary>
    /// <param name="images">float16 [N, H, W, C].</param>
    /// <param name="scores">[N, classes].</param>
    void Run(ReadOnlySpan<Half> images, Span<float> scores);

    /// <summary>Microseconds on the GPU of each of several runs over the images of the last call, without copies of images and scores; a run before them is not counted.</summary>
    double[] Time(int runs);
}
