using SparseGrid.Compression.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>Clips to two learned bounds, so that training chooses the range of a quantizer.</summary>
/// <remarks>
/// y = max(min(x, high), low). The gradient passes strictly inside; what arrives at or beyond a bound is added up for that bound:
/// d/d(low) = Σ dy over x ≤ low, d/d(high) = Σ dy over x ≥ high. Choi et al., "PACT", arXiv:1805.06085, with a second bound, as pytorch-quantization's Clip.
/// </remarks>
public sealed class RangeClip : nn.Module<Tensor, Tensor>
{
    private readonly Parameter clip_value_min;
    private readonly Parameter clip_value_max;

    /// <summary>Bounds at −amax (0 where unsigned values start) and amax.</summary>
    public RangeClip(float low, float high)
        : base(nameof(RangeClip))
    {
        clip_value_min = new(tensor(low));
        clip_value_max = new(tensor(high));
        RegisterComponents();
    }

    /// <summary>The learned lower bound, float32 [].</summary>
    public Parameter Low => clip_value_min;

    /// <summary>The learned upper bound, float32 [].</summary>
    public Parameter High => clip_value_max;

    /// <param name="x">Float32, any shape.</param>
    /// <returns>Of x's shape; the caller owns it. NaN stays NaN.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor values, inside, below, above;
        using (no_grad())
        {
            (below, above) = (x.le(Low).to(x.dtype), x.ge(High).to(x.dtype));
            inside = (below + above).eq(zeros_like(x)).to(x.dtype);
            values = maximum(minimum(x, High), Low);
        }

        var y = x.mul(inside).add(Low.mul(below), NativeScalar.One).add(High.mul(above), NativeScalar.One);
        using (no_grad())
            y.copy_(values);
        return y.MoveToOuterDisposeScope();
    }
}
