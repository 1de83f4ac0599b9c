using System.Collections.Immutable;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <content>Saved and loaded.</content>
public sealed partial class TrainingMasks
{
    private const string MaskSuffix = "_mma_mask";
    private const string PrunedSuffix = "_mma_pruned_p";

    /// <summary>A copy of the masks and kept values, named as ASP names its buffers: conv2.__weight_mma_mask (unsigned 8-bit), conv2.__weight_mma_pruned_p
    /// (float32).</summary>
    public ImmutableSortedDictionary<string, HostArray> ToArrays()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var arrays = ImmutableSortedDictionary.CreateBuilder<string, HostArray>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            arrays[BufferName(entry.Name, MaskSuffix)] = HostArray.Of(
                entry.Mask.to(ScalarType.Byte).cpu().contiguous().data<byte>().ToArray(), entry.Mask.shape);
            if (entry.Kept is not null)
                arrays[BufferName(entry.Name, PrunedSuffix)] = HostArray.Of(entry.Kept.contiguous().data<float>().ToArray(), entry.Kept.shape);
        }

        return arrays.ToImmutable();
    }

    /// <summary>Takes over masks and kept values of a checkpoint. The weights, which hold the zeros already, are loaded on their own; no mask is
    /// computed.</summary>
    /// <exception cref="InvalidDataException">A buffer is missing or one too many, or has another shape. Nothing is changed then.</exception>
    public void Load(IReadOnlyDictionary<string, HostArray> arrays)
    {
        var expected = entries.SelectMany(entry => entry.Kept is null
            ? new[] { (Name: BufferName(entry.Name, MaskSuffix), entry.Weight, Type: ElementType.U8) }
            : [(BufferName(entry.Name, MaskSuffix), entry.Weight, ElementType.U8), (BufferName(entry.Name, PrunedSuffix), entry.Weight, ElementType.F32)]).ToArray();
        var faults = expected
            .Where(buffer => !arrays.TryGetValue(buffer.Name, out var array) || array.Type != buffer.Type || !array.Shape.AsSpan().SequenceEqual(buffer.Weight.shape))
            .Select(buffer => $"{buffer.Name} ({buffer.Type} [{string.Join(", ", buffer.Weight.shape)}]) is missing or of another form")
            .Concat(arrays.Keys.Except(expected.Select(buffer => buffer.Name)).Order(StringComparer.Ordinal).Select(name => $"{name} is one too many"))
            .ToArray();
        if (faults.Length > 0)
            throw new InvalidDataException($"The masks do not fit the network: {string.Join("; ", faults)}. Kept values are there where they were kept when it was saved.");

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var entry in entries)
        {
            entry.Mask.copy_(MaskOf(entry.Name, arrays[BufferName(entry.Name, MaskSuffix)], entry.Weight));
            entry.Kept?.copy_(tensor(arrays[BufferName(entry.Name, PrunedSuffix)].Floats.ToArray(), entry.Weight.shape));
        }
    }

    // conv2.weight: conv2.__weight_mma_mask
    private static string BufferName(string parameter, string suffix)
    {
        var dot = parameter.LastIndexOf('.') + 1;
        return $"{parameter[..dot]}__{parameter[dot..]}{suffix}";
    }
}
