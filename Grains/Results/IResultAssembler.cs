using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;

namespace SparseGrid.Grains.Results;

/// <summary>Puts a variant's result together from the records of its stages.</summary>
public interface IResultAssembler
{
    /// <summary>Accuracy paired with the dense ancestor's predictions, latency, size and sparsity of one variant.</summary>
    /// <param name="assignment">The variant and its recipe.</param>
    /// <param name="stages">The records of all its stages, in order, evaluate and measure included.</param>
    /// <param name="parent">The result of the variant it starts from; null for a dense one.</param>
    /// <param name="dense">The result of its dense ancestor; null for a dense one.</param>
    /// <exception cref="Stages.StageFailedException">A record lacks what the result needs.</exception>
    VariantResult Assemble(Assignment assignment, IReadOnlyList<StageRecord> stages, VariantResult? parent, VariantResult? dense);
}
