using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>A launch of an engine's sequence.</summary>
/// <param name="Step">What it computes.</param>
/// <param name="Beside">A step that it computes too; null for most.</param>
internal sealed record PlannedLaunch(PlanStep Step, KernelLaunch Launch, PlanStep? Beside = null);
