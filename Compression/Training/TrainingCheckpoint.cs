using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Training;

/// <summary>Everything a training needs to go on as if it had never stopped: weights, running statistics, what the optimizer remembers, the next
/// step, the epoch's loss so far.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="EpochLoss">Sum of the losses of the steps done in the current epoch.</param>
/// <param name="ValidationTop1">Of the last finished epoch; NaN before there is one.</param>
/// <param name="Optimizer">Of SGD the momentum by parameter name; of AdamW both moments and its number of steps.</param>
public sealed record TrainingCheckpoint(
    long Step, double EpochLoss, double ValidationTop1, ImmutableSortedDictionary<string, HostArray> Weights, ImmutableSortedDictionary<string, HostArray> Optimizer)
{
    private const string WeightsPrefix = "weights/";
    private const string OptimizerPrefix = "momentum/";        // from when there was SGD alone; its files are read on

    /// <summary>As a safetensors file.</summary>
    public byte[] ToBytes()
    {
        var arrays = new Dictionary<string, HostArray>
        {
            ["state"] = HostArray.Of([Step, BitConverter.DoubleToInt64Bits(EpochLoss), BitConverter.DoubleToInt64Bits(ValidationTop1)], 3),
        };
        foreach (var (name, array) in Weights)
            arrays[WeightsPrefix + name] = array;
        foreach (var (name, array) in Optimizer)
            arrays[OptimizerPrefix + name] = array;
        return SafeTensors.Write(arrays);
    }

    /// <summary>Reads a file written by <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static TrainingCheckpoint FromBytes(byte[] bytes)
    {
        var arrays = SafeTensors.Read(bytes, "the checkpoint");
        if (!arrays.TryGetValue("state", out var state) || state.Type != ElementType.I64 || state.Count != 3)
            throw new InvalidDataException("The checkpoint holds no training state; delete it, and the stage starts over.");
        return new(
            state.Longs[0], BitConverter.Int64BitsToDouble(state.Longs[1]), BitConverter.Int64BitsToDouble(state.Longs[2]),
            Under(arrays, WeightsPrefix), Under(arrays, OptimizerPrefix));
    }

    /// <summary>True where a training of this plan could have written it: it holds every weight, and what the plan's optimizer remembers, in their shapes.</summary>
    public bool Fits(LayerGraph graph, TrainingPlan plan) =>
        graph.Parameters.All(parameter => Is(parameter, Weights, parameter.Name)
            && (!parameter.Trained || (plan.AdamW is null ? [parameter.Name] : MaskedAdamW.StateNames(parameter.Name)).All(name => Is(parameter, Optimizer, name))))
        && (plan.AdamW is null || (Optimizer.TryGetValue(MaskedAdamW.StepName, out var steps) && steps is { Type: ElementType.I64, Count: 1 } && steps.Longs[0] == Step));

    private static bool Is(ParameterShape parameter, ImmutableSortedDictionary<string, HostArray> arrays, string name) =>
        arrays.TryGetValue(name, out var array) && array.Type == ElementType.F32 && array.Shape.SequenceEqual(parameter.Shape);

    private static ImmutableSortedDictionary<string, HostArray> Under(ImmutableSortedDictionary<string, HostArray> arrays, string prefix) =>
        arrays.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToImmutableSortedDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
}
