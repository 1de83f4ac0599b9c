using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>Pools of the reference.</summary>
internal static class Pooling
{
    public static void Run(MaxPoolStep step, int batch, TensorValues from, TensorValues to) => ForEach(step.Window, batch, from.Tensor.Shape, to.Tensor.Shape, (at, pixels, channels, c) =>
    {
        if (to.Tensor.IsInteger)
        {
            var highest = sbyte.MinValue;
            foreach (var pixel in pixels)
                highest = Math.Max(highest, from.Levels[pixel * channels + c]);
            to.Levels[at] = highest;
        }
        else
        {
            var highest = float.NegativeInfinity;
            foreach (var pixel in pixels)
                highest = from.Floats[pixel * channels + c] > highest ? from.Floats[pixel * channels + c] : highest;
            to.Floats[at] = highest;
        }
    });

    public static void Run(AveragePoolStep step, int batch, TensorValues from, TensorValues to)
    {
        var (fromScale, toScale) = (from.Tensor.IsInteger ? from.Tensor.Scale : 1, to.Tensor.IsInteger ? to.Tensor.Scale : 1);
        var factor = (float)((double)fromScale / toScale);
        ForEach(step.Window, batch, from.Tensor.Shape, to.Tensor.Shape, (at, pixels, channels, c) =>
        {
            var (exact, sum) = (0, 0f);
            foreach (var pixel in pixels)
            {
                if (from.Tensor.IsInteger)
                    exact += from.Levels[pixel * channels + c];
                else
                    sum += from.Floats[pixel * channels + c];
            }

            var count = step.CountPadding ? step.Window.KernelHeight * step.Window.KernelWidth : pixels.Count;
            var f = (from.Tensor.IsInteger ? exact : sum) * factor / count;
            if (to.Tensor.IsInteger)
                to.Levels[at] = TensorValues.Level(f, -128, 127);
            else
                to.Floats[at] = f;
        });
    }

    // Tells each output value its place, the input pixels of its window, counted over all images, and its channel.
    private static void ForEach(Window window, int batch, ImageShape from, ImageShape to, Action<int, List<int>, int, int> each) => Parallel.For(0, batch * to.Height, row =>
    {
        var (image, y) = (row / to.Height, row % to.Height);
        var pixels = new List<int>();
        for (var x = 0; x < to.Width; x++)
        {
            pixels.Clear();
            for (var r = 0; r < window.KernelHeight; r++)
            {
                for (var s = 0; s < window.KernelWidth; s++)
                {
                    var (inputY, inputX) = (y * window.StrideHeight - window.PadTop + r * window.DilationHeight, x * window.StrideWidth - window.PadLeft + s * window.DilationWidth);
                    if ((uint)inputY < (uint)from.Height && (uint)inputX < (uint)from.Width)
                        pixels.Add((image * from.Height + inputY) * from.Width + inputX);
                }
            }

            for (var c = 0; c < to.Channels; c++)
                each((row * to.Width + x) * to.Channels + c, pixels, from.Channels, c);
        }
    });
}
