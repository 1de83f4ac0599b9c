using System.Numerics;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>The values of one tensor of a plan for a whole batch, [N, H, W, C]: levels or floats.</summary>
public sealed class TensorValues
{
    internal TensorValues(PlanTensor tensor, int batch)
    {
        Tensor = tensor;
        var count = checked(tensor.Shape.Count * batch);
        Levels = tensor.IsInteger ? new sbyte[count] : [];
        Floats = tensor.IsInteger ? [] : new float[count];
        Inverse = tensor.IsInteger ? 1 / tensor.Scale : 1;
    }

    /// <summary>What it is.</summary>
    public PlanTensor Tensor { get; }

    /// <summary>Empty for a tensor of floats.</summary>
    public sbyte[] Levels { get; }

    /// <summary>Empty for a tensor of levels.</summary>
    public float[] Floats { get; }

    /// <summary>1 / scale in float32.</summary>
    internal float Inverse { get; }

    /// <summary>The value at a place, in units.</summary>
    internal float this[int index]
    {
        get => Tensor.IsInteger ? Levels[index] * Tensor.Scale : Floats[index];
        set
        {
            if (Tensor.IsInteger)
                Levels[index] = Level(value * Inverse, -128, 127);
            else
                Floats[index] = value;
        }
    }

    /// <summary>The level of a value in steps: bounded, then rounded, halves to even. NaN counts as the lower bound.</summary>
    internal static sbyte Level(float steps, float low, float high) => (sbyte)MathF.Round(Bounded(steps, low, high), MidpointRounding.ToEven);

    /// <summary>min(max(x, low), high), where NaN gives <paramref name="low"/>, as the GPU's instructions do.</summary>
    internal static float Bounded(float value, float low, float high) => !(value > low) ? low : value < high ? value : high;

    /// <summary>The exact sum of products of levels.</summary>
    internal static int Dot(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> w)
    {
        var sums = Vector<int>.Zero;
        var i = 0;
        for (; i <= x.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(x[i..]), out var xLow, out var xHigh);
            Vector.Widen(new Vector<sbyte>(w[i..]), out var wLow, out var wHigh);
            // A product is at most 128 · 127 and fits 16 bits.
            Vector.Widen(xLow * wLow, out var a, out var b);
            Vector.Widen(xHigh * wHigh, out var c, out var d);
            sums += a + b + c + d;
        }

        var sum = Vector.Sum(sums);
        for (; i < x.Length; i++)
            sum += x[i] * w[i];
        return sum;
    }
}
