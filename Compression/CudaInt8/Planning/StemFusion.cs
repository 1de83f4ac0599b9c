using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>Makes one step of the first three of a ResNet for large images.</summary>
internal static class StemFusion
{
    /// <summary>The steps with image, 7x7 convolution and max pool as one where they are what the fused kernel knows.</summary>
    public static IEnumerable<PlanStep> Apply(IReadOnlyList<PlanStep> steps, IReadOnlyList<PlanTensor> tensors)
    {
        if (steps is not [ImageStep image, ConvStep conv, MaxPoolStep pool, ..] || !Fits(image, conv, pool, tensors) || steps.Skip(3).Any(step => step.Inputs.Contains(image.To) || step.Inputs.Contains(conv.To)))
            return steps;
        return steps.Skip(3).Prepend(new StemStep(image, conv, pool));
    }

    // The kernel is written for 224x224 images of three channels, and lets zeros stand for what lies outside the pooled windows: so nothing may be below zero.
    private static bool Fits(ImageStep image, ConvStep conv, MaxPoolStep pool, IReadOnlyList<PlanTensor> tensors) =>
        tensors[image.To].IsInteger && tensors[conv.To].IsInteger
        && conv.From == image.To && conv.Residual is null && conv.Low == 0 && pool.From == conv.To
        && conv.Geometry is { Input: { Channels: 3, Height: 224, Width: 224 }, Output.Channels: 64, Groups: 1 }
        && conv.Geometry.Window == Window.Square(7, 2, 3) && pool.Window == Window.Square(3, 2, 1);
}
