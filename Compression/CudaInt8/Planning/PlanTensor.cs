using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>A tensor of a plan, stored channels innermost: [N, H, W, stride].</summary>
/// <param name="Index">Its place in the plan's list.</param>
/// <param name="Name">Name of the graph's tensor.</param>
/// <param name="Shape">Of one image.</param>
/// <param name="Scale">What one level is worth where the tensor holds levels −128…127 in 8 bits; 0 where it holds float32 values.</param>
public sealed record PlanTensor(int Index, string Name, ImageShape Shape, float Scale)
{
    /// <summary>True where it holds levels.</summary>
    public bool IsInteger => Scale > 0;

    /// <summary>Values from one pixel to the next: its channels, which levels are rounded up to 4 or a multiple of 16 for, so that kernels read whole vectors. What lies between counts for nothing.</summary>
    public int Stride => !IsInteger ? Shape.Channels : Shape.Channels <= 4 ? 4 : (Shape.Channels + 15) / 16 * 16;

    /// <summary>Memory of one image.</summary>
    public long BytesPerImage => (long)Shape.Height * Shape.Width * Stride * (IsInteger ? 1 : sizeof(float));
}
