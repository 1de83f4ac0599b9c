using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>Convolutions of the reference.</summary>
internal static class Convolution
{
    public static void Run(ConvStep step, int batch, TensorValues from, TensorValues? residual, TensorValues to)
    {
        var geometry = step.Geometry;
        var (width, channels, perGroup) = (geometry.Output.Width, geometry.Output.Channels, geometry.Output.Channels / geometry.Groups);
        var inGroup = geometry.Input.Channels / geometry.Groups;
        var taps = geometry.Window.KernelHeight * geometry.Window.KernelWidth;
        Parallel.For(0, batch * geometry.Output.Height, row =>
        {
            var sums = new int[channels];
            for (var x = 0; x < width; x++)
            {
                Array.Clear(sums);
                for (var tap = 0; tap < taps; tap++)
                {
                    if (Pixel(geometry, row, x, tap) is not (>= 0 and var pixel))
                        continue;
                    for (var k = 0; k < channels; k++)
                        sums[k] += TensorValues.Dot(from.Levels.AsSpan(pixel * geometry.Input.Channels + k / perGroup * inGroup, inGroup), step.Weights.Levels.AsSpan((k * taps + tap) * inGroup, inGroup));
                }

                for (var k = 0; k < channels; k++)
                {
                    var at = (row * width + x) * channels + k;
                    var f = MathF.FusedMultiplyAdd(sums[k], step.Weights.Alpha[k], step.Weights.Bias[k]);
                    if (residual is not null)
                        f = MathF.FusedMultiplyAdd(residual.Levels[at], step.Beta, f);
                    if (to.Tensor.IsInteger)
                        to.Levels[at] = TensorValues.Level(f, step.Low, step.High);
                    else
                        to.Floats[at] = TensorValues.Bounded(f, step.Low, step.High);
                }
            }
        });
    }

    public static void Run(FloatConvStep step, int batch, TensorValues from, TensorValues to)
    {
        var geometry = step.Geometry;
        var (width, channels, perGroup) = (geometry.Output.Width, geometry.Output.Channels, geometry.Output.Channels / geometry.Groups);
        var inGroup = geometry.Input.Channels / geometry.Groups;
        var taps = geometry.Window.KernelHeight * geometry.Window.KernelWidth;
        Parallel.For(0, batch * geometry.Output.Height, row =>
        {
            for (var x = 0; x < width; x++)
            {
                for (var k = 0; k < channels; k++)
                {
                    var f = step.Bias[k];
                    for (var tap = 0; tap < taps; tap++)
                    {
                        if (Pixel(geometry, row, x, tap) is not (>= 0 and var pixel))
                            continue;
                        for (var c = 0; c < inGroup; c++)
                            f = MathF.FusedMultiplyAdd(step.Weights[(k * taps + tap) * inGroup + c], from[pixel * geometry.Input.Channels + k / perGroup * inGroup + c], f);
                    }

                    to[(row * width + x) * channels + k] = f;
                }
            }
        });
    }

    // The input pixel, counted over all images, that a tap of an output pixel reads; −1 in the padding. Rows are counted over all images too.
    private static int Pixel(ConvGeometry geometry, int row, int x, int tap)
    {
        var window = geometry.Window;
        var (image, y) = (row / geometry.Output.Height, row % geometry.Output.Height);
        var inputY = y * window.StrideHeight - window.PadTop + tap / window.KernelWidth * window.DilationHeight;
        var inputX = x * window.StrideWidth - window.PadLeft + tap % window.KernelWidth * window.DilationWidth;
        return (uint)inputY < (uint)geometry.Input.Height && (uint)inputX < (uint)geometry.Input.Width
            ? (image * geometry.Input.Height + inputY) * geometry.Input.Width + inputX
            : -1;
    }
}
