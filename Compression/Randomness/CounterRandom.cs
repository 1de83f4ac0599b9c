using System.Text;

namespace SparseGrid.Compression.Randomness;

/// <summary>Random draws as a function of (seed, purpose, first index, second index): no state, so order, workers and resumes change nothing.</summary>
/// <remarks>
/// Each index is mixed in with the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014);
/// the purpose is folded in by FNV-1a, so that two purposes draw independent streams.
/// </remarks>
public readonly struct CounterRandom
{
    private readonly ulong stream;

    /// <summary>The stream of one purpose under one seed.</summary>
    public CounterRandom(long seed, string purpose)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in Encoding.UTF8.GetBytes(purpose))
            hash = (hash ^ letter) * 1099511628211UL;
        stream = Mix(Mix((ulong)seed) ^ hash);
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits(long first, long second = 0) => Mix(Mix(stream ^ Mix((ulong)first)) ^ (ulong)second);

    /// <summary>Uniform in [0, 1), with 53 random bits.</summary>
    public double Uniform(long first, long second = 0) => (Bits(first, second) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform among low, low + 1, …, high.</summary>
    public int Integer(int low, int high, long first, long second = 0) => low + (int)(Uniform(first, second) * (high - low + 1));

    /// <summary>Standard normal (Box and Muller, 1958).</summary>
    public double Normal(long first, long second = 0)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform(first, 2 * second)));
        return radius * Math.Cos(2 * Math.PI * Uniform(first, 2 * second + 1));
    }

    /// <summary>The numbers 0 … count − 1 in random order; <paramref name="epoch"/> picks the order.</summary>
    public int[] Permutation(int count, long epoch)
    {
        var order = new int[count];
        var keys = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
            keys[i] = Bits(epoch, i);
        }

        // 64-bit keys of equal value are possible, if barely: the index then decides, so the order never depends on the sort.
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        return order;
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
