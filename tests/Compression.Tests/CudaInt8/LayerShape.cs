namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The shape of a convolution with padding kernel / 2.</summary>
public sealed record LayerShape(int C, int K, int H, int W, int Kernel, int Stride, bool Residual, bool Relu)
{
    /// <summary>Every convolution of ResNet-18 and 34, and those of ResNet-50's bottlenecks.</summary>
    public static IEnumerable<LayerShape> ResNets =>
    [
        new(64, 64, 56, 56, 3, 1, false, true), new(64, 64, 56, 56, 3, 1, true, true),
        new(64, 128, 56, 56, 3, 2, false, true), new(64, 128, 56, 56, 1, 2, false, false), new(128, 128, 28, 28, 3, 1, true, true),
        new(128, 256, 28, 28, 3, 2, false, true), new(128, 256, 28, 28, 1, 2, false, false), new(256, 256, 14, 14, 3, 1, true, true),
        new(256, 512, 14, 14, 3, 2, false, true), new(256, 512, 14, 14, 1, 2, false, false), new(512, 512, 7, 7, 3, 1, true, true),
        new(64, 256, 56, 56, 1, 1, true, true), new(256, 64, 56, 56, 1, 1, false, true), new(512, 2048, 7, 7, 1, 1, true, true), new(2048, 512, 7, 7, 1, 1, false, true),
    ];

    /// <summary>Shapes that no ResNet has: odd and uneven sizes, large kernels, one row.</summary>
    public static IEnumerable<LayerShape> Uneven =>
    [
        new(64, 64, 5, 9, 3, 1, true, true), new(128, 64, 1, 13, 3, 1, false, false), new(64, 192, 11, 7, 3, 2, true, false), new(64, 64, 9, 9, 5, 1, false, true), new(192, 320, 6, 5, 1, 1, true, true),
        new(64, 128, 3, 3, 3, 1, true, true),
        // Channels that fill no block of 64, or not even a vector of 16.
        new(16, 16, 9, 7, 3, 1, true, true), new(48, 24, 8, 9, 3, 2, true, false), new(144, 96, 5, 6, 1, 1, false, true), new(20, 36, 6, 6, 3, 1, true, true),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Kernel}x{Kernel} s{Stride} {C}->{K} @{H}x{W}{(Residual ? " residual" : "")}{(Relu ? " relu" : "")}";
}
