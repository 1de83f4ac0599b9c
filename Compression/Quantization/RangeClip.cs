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
    private const string LowName = "clip_value_min";
    private const string HighName = "clip_value_max";

    /// <param name="low">Where the lower bound starts, in units of the input.</param>
    /// <param name="high">Where the upper one starts.</param>
    public RangeClip(float low, float high)
        : base(nameof(RangeClip))
    {
        register_parameter(LowName, new Parameter(tensor(low)));
        register_parameter(HighName, new Parameter(tensor(high)));
    }

    /// <summary>The learned lower bound, float32 [].</summary>
    public Parameter Low => get_parameter(LowName)!;

    /// <summary>The learned upper bound, float32 [].</summary>
    public Parameter High => get_parameter(HighName)!;

    /// <param name="x">Any floating type, any shape.</param>
    /// <returns>Of x's type and shape; the caller owns it. NaN stays NaN and passes no gradient.</returns>
    public override Tensor forward(Tensor x)
    {
        var (low, high) = (Low, High);
        using var scope = NewDisposeScope();
        Tensor values, inside, below, above;
        using (no_grad())
        {
            (below, above) = (x.le(low).to(x.dtype), x.ge(high).to(x.dtype));
            inside = x.gt(low).logical_and_(x.lt(high)).to(x.dtype);
            values = maximum(minimum(x, high), low);
        }

        var y = x.mul(inside).add(low.mul(below), NativeScalar.One).add(high.mul(above), NativeScalar.One);
        using (no_grad())
            y.copy_(values);
        return y.MoveToOuterDisposeScope();
    }
}
