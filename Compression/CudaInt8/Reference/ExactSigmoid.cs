namespace SparseGrid.Compression.CudaInt8.Reference;

/// <summary>1 / (1 + e^−x) by operations that processor and GPU round alike, where their own functions differ in the last bits.</summary>
/// <remarks>
/// e^v = 2^n · e^r with n = round(v / ln 2); ln 2 is taken off in two parts, so that r is exact to the last bits, and e^r is a polynomial (Moshier, Cephes Mathematical Library, expf). Within
/// 2 units in the last place of the true value. Beyond ±87 e^v is that of ±87; NaN counts as the largest x.
/// </remarks>
internal static class ExactSigmoid
{
    private const float Furthest = 87, PerLn2 = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    public static float Of(float x)
    {
        var v = TensorValues.Bounded(-x, -Furthest, Furthest);
        var n = MathF.Round(v * PerLn2, MidpointRounding.ToEven);
        var r = MathF.FusedMultiplyAdd(n, -Ln2Low, MathF.FusedMultiplyAdd(n, -Ln2High, v));
        var p = MathF.FusedMultiplyAdd(1.9875691500e-4f, r, 1.3981999507e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 8.3334519073e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 4.1665795894e-2f);
        p = MathF.FusedMultiplyAdd(p, r, 1.6666665459e-1f);
        p = MathF.FusedMultiplyAdd(p, r, 5.0000001201e-1f);
        var e = (MathF.FusedMultiplyAdd(p, r * r, r) + 1) * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
        return 1 / (1 + e);
    }
}
