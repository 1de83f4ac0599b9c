using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Randomness;

namespace SparseGrid.Compression.Tests.Training;

/// <summary>Images of seeded noise, 1x8x8 in four classes: for tests in which nothing is learnt.</summary>
internal static class NoisyImages
{
    public static LabeledImages Of(int count)
    {
        var random = new CounterRandom(3, "noise");
        var pixels = new float[count * 64];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (float)random.Uniform(0, i);
        return new(new ImageShape(1, 8, 8), 4, pixels, [.. Enumerable.Range(0, count).Select(i => i % 4)]);
    }
}
