using System.Collections.Immutable;

namespace SparseGrid.Compression.CudaInt8.Planning;

/// <summary>Where each tensor of a plan lies in one block of memory, so that tensors that are needed at the same time never overlap.</summary>
/// <param name="Bytes">Size of the block.</param>
/// <param name="Places">One for each tensor that is stored, by first use.</param>
public sealed record MemoryPlan(long Bytes, ImmutableArray<TensorPlace> Places)
{
    /// <summary>Places begin at multiples of this, so that any vector load is aligned.</summary>
    public const int Alignment = 256;

    /// <summary>Lays out a plan's tensors: the largest first, each at the lowest offset where it meets no tensor that lives when it does.</summary>
    public static MemoryPlan Of(ExecutionPlan plan)
    {
        var lives = Lives(plan);
        var placed = new List<TensorPlace>();
        foreach (var life in lives.OrderByDescending(life => life.Bytes).ThenBy(life => life.Tensor))
        {
            long offset = 0;
            foreach (var other in placed.Where(other => other.Meets(life)).OrderBy(other => other.Offset))
            {
                if (offset + life.Bytes <= other.Offset)
                    break;
                offset = Math.Max(offset, other.Offset + other.Bytes);
            }

            placed.Add(life with { Offset = offset });
        }

        return new(placed.Count == 0 ? 0 : placed.Max(place => place.Offset + place.Bytes), [.. placed.OrderBy(place => place.First).ThenBy(place => place.Tensor)]);
    }

    /// <summary>Pairs of tensors that live at the same time and share memory; empty for a layout that is right.</summary>
    public IEnumerable<(TensorPlace, TensorPlace)> Overlaps() =>
        from a in Places
        from b in Places
        where a.Tensor < b.Tensor && a.Meets(b) && a.Offset < b.Offset + b.Bytes && b.Offset < a.Offset + a.Bytes
        select (a, b);

    // A tensor lives from the first step that writes it to the last that reads it; the scores to the end.
    private static IEnumerable<TensorPlace> Lives(ExecutionPlan plan)
    {
        var first = new Dictionary<int, int>();
        var last = new Dictionary<int, int>();
        for (var step = 0; step < plan.Steps.Length; step++)
        {
            foreach (var tensor in plan.Steps[step].Inputs.Append(plan.Steps[step].Output))
            {
                first.TryAdd(tensor, step);
                last[tensor] = step;
            }

            // One kernel may compute a mean of maps and the layer behind it: some of its blocks write scores while others still read the maps.
            if (plan.Steps[step] is AveragePoolStep pool && step + 1 < plan.Steps.Length && plan.Steps[step + 1] is ConvStep behind && behind.From == pool.To)
                last[pool.From] = step + 1;
        }

        last[plan.Output] = plan.Steps.Length;
        return first.Select(pair => new TensorPlace(pair.Key, 0, Rounded(plan.Tensors[pair.Key].BytesPerImage * plan.Batch), pair.Value, last[pair.Key]));
    }

    private static long Rounded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
