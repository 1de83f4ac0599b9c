using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

/// <summary>A failed run, as its silo is told of it.</summary>
/// <param name="Message">What went wrong and what to do.</param>
/// <param name="Hangs">True where the run's thread is lost to a native call.</param>
public sealed record RunFailure(VariantId Variant, FailureClass Class, string Message, bool Hangs);
