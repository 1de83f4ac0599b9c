using System.Collections.Immutable;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>The masks of some parameters while they are trained: all ones at first, computed from the weights when asked, again where pruned values are kept.</summary>
/// <remarks>
/// The state of NVIDIA's ASP (apex.contrib.sparsity) and what it does with it. Pruned values are kept as they were when they were pruned and are not trained: computing
/// the masks again, or restoring, brings them back so. Unlike there the state belongs to this object, so one process can train many networks. An optimizer takes it when
/// it is made (<see cref="MaskedOptimizer"/>). Not safe for several threads at once.
/// </remarks>
public sealed class TrainingMasks : IDisposable
{
    private const string MaskSuffix = "_mma_mask";
    private const string PrunedSuffix = "_mma_pruned_p";

    private readonly ImmutableArray<Entry> entries;
    private readonly MaskPattern? pattern;
    private bool hooked;

    private TrainingMasks(ImmutableArray<Entry> entries, MaskPattern? pattern) => (this.entries, this.pattern) = (entries, pattern);

    /// <summary>True where the masks prune, false while they are all ones.</summary>
    /// <exception cref="InvalidOperationException">Some prune and some do not, so the weights are those of no state; load a checkpoint that is whole.</exception>
    public bool Enabled
    {
        get
        {
            var pruning = entries.Count(entry => entry.Prunes);
            return pruning == entries.Length || pruning == 0
                ? pruning > 0
                : throw new InvalidOperationException(
                    $"{pruning} of {entries.Length} masks prune: {string.Join(", ", entries.Where(entry => entry.Prunes).Select(entry => entry.Name))}; it should be all or none. "
                    + "Compute all masks, or load those of one checkpoint.");
        }
    }

    /// <summary>The masked parameters' names.</summary>
    public IEnumerable<string> Names => entries.Select(entry => entry.Name);

    /// <summary>Masks of all ones, which change nothing until they are computed.</summary>
    /// <param name="parameters">The eligible weights by name; they stay the caller's.</param>
    /// <param name="keepPruned">Keeps pruned values (in host memory), so that masks can be computed again and weights restored.</param>
    public static TrainingMasks Dense(IEnumerable<(string Name, Tensor Value)> parameters, MaskPattern pattern, bool keepPruned)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new(
            [
                .. parameters.Select(parameter => new Entry(
                    parameter.Name, parameter.Value, ones_like(parameter.Value).DetachFromDisposeScope(),
                    keepPruned ? zeros_like(parameter.Value, device: CPU).DetachFromDisposeScope() : null)),
            ],
            pattern);
    }

    /// <summary>Given masks, which stay as they are.</summary>
    /// <param name="parameters">Parameters by name; those without a mask are left alone.</param>
    /// <param name="masks">Parameter name to mask (1 keeps), unsigned 8-bit, of the parameter's shape.</param>
    /// <exception cref="InvalidDataException">A mask has another shape than its weight.</exception>
    public static TrainingMasks Given(IEnumerable<(string Name, Tensor Value)> parameters, IReadOnlyDictionary<string, HostArray> masks)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new(
            [
                .. parameters.Where(parameter => masks.ContainsKey(parameter.Name)).Select(parameter => new Entry(
                    parameter.Name, parameter.Value, MaskOf(parameter.Name, masks[parameter.Name], parameter.Value).DetachFromDisposeScope(), null)),
            ],
            null);
    }

    /// <summary>Computes every mask from its weight, with the kept values brought back first, and zeros what the mask prunes.</summary>
    /// <exception cref="InvalidOperationException">The masks were given, or they prune already and the pruned values were not kept. Nothing is changed then.</exception>
    /// <exception cref="InvalidDataException">A weight is NaN or infinite, or the pattern refuses its shape; the error names it.</exception>
    public void Compute()
    {
        if (pattern is null)
            throw new InvalidOperationException("These masks were given and have no pattern to be computed by; make them with TrainingMasks.Dense.");
        RequireKept("computed again");

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var entry in entries)
        {
            if (entry.Prunes)
                entry.Weight.add_(entry.Kept!.to(entry.Weight.device));
            entry.Mask.copy_(MaskOf(entry));
            entry.Kept?.copy_(entry.Weight * (1 - entry.Mask));
            entry.Weight.mul_(entry.Mask);
        }
    }

    /// <summary>Brings the pruned values back; the masks are all ones again. Weights that are not pruned stay as they are.</summary>
    /// <exception cref="InvalidOperationException">There are pruned values, and they were not kept.</exception>
    public void Restore()
    {
        RequireKept("restored");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var entry in entries.Where(entry => entry.Prunes))
        {
            entry.Weight.add_(entry.Kept!.to(entry.Weight.device));
            entry.Mask.fill_(1);
            entry.Kept!.zero_();
        }
    }

    /// <summary>A copy of the masks and kept values, named as ASP names its buffers: conv2.__weight_mma_mask (unsigned 8-bit), conv2.__weight_mma_pruned_p (float32).</summary>
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

    /// <summary>Takes over masks and kept values of a checkpoint. The weights, which hold the zeros already, are loaded on their own; no mask is computed.</summary>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var entry in entries)
        {
            entry.Mask.Dispose();
            entry.Kept?.Dispose();
        }
    }

    // One hook each: with two, a step of either would mask the other's gradients.
    internal void Hook()
    {
        if (hooked)
            throw new InvalidOperationException("These masks belong to an optimizer already; make masks of their own for another one.");
        hooked = true;
    }

    internal void MaskGradients()
    {
        foreach (var entry in entries)
            entry.Weight.grad?.mul_(entry.Mask);
    }

    internal void MaskWeights()
    {
        foreach (var entry in entries)
            entry.Weight.mul_(entry.Mask);
    }

    private static HostArray Values(Entry entry) =>
        HostArray.Of(entry.Weight.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray(), entry.Weight.shape);

    private Tensor MaskOf(Entry entry)
    {
        try
        {
            return MaskOf(entry.Name, pattern!.Of(Values(entry)), entry.Weight);
        }
        catch (ArgumentException refused)
        {
            throw new InvalidDataException($"{entry.Name} cannot be pruned. {refused.Message}", refused);
        }
    }

    private void RequireKept(string what)
    {
        if (entries.FirstOrDefault(entry => entry.Prunes && entry.Kept is null) is { } lost)
        {
            throw new InvalidOperationException(
                $"{lost.Name} is pruned and its pruned values were not kept, so it cannot be {what}; make the masks with keepPruned: true.");
        }
    }

    private static Tensor MaskOf(string name, HostArray mask, Tensor weight)
    {
        if (!mask.Shape.AsSpan().SequenceEqual(weight.shape))
        {
            throw new InvalidDataException(
                $"A mask of shape [{string.Join(", ", mask.Shape)}] does not fit the weight {name} of [{string.Join(", ", weight.shape)}].");
        }

        return tensor(mask.UnsignedBytes.ToArray(), weight.shape).to(weight.dtype).to(weight.device);
    }

    // conv2.weight: conv2.__weight_mma_mask
    private static string BufferName(string parameter, string suffix)
    {
        var dot = parameter.LastIndexOf('.') + 1;
        return $"{parameter[..dot]}__{parameter[dot..]}{suffix}";
    }

    private sealed record Entry(string Name, Tensor Weight, Tensor Mask, Tensor? Kept)
    {
        public bool Prunes
        {
            get
            {
                using var scope = NewDisposeScope();
                return Mask.min().cpu().item<float>() == 0;
            }
        }
    }
}
