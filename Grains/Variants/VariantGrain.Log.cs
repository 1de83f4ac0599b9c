using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Variants;

public sealed partial class VariantGrain
{
    [LoggerMessage(LogLevel.Information, "Variant {Variant} ({Kind}) starts run {Epoch} for sweep {Sweep}")]
    private partial void LogStarted(VariantId variant, int epoch, VariantKind kind, string sweep);

    [LoggerMessage(LogLevel.Information, "Variant {Variant} run {Epoch} ended: {Outcome} {Failure}")]
    private partial void LogEnded(VariantId variant, int epoch, RunEnd outcome, string failure);

    [LoggerMessage(LogLevel.Information, "Variant {Variant}: report {Epoch}.{Sequence} is stale, the owner is run {Owner}")]
    private partial void LogStaleReport(VariantId variant, int epoch, long sequence, int owner);

    [LoggerMessage(LogLevel.Error, "Variant {Variant}: sweep {Sweep} cannot be told of its run")]
    private partial void LogNotTold(Exception lasting, VariantId variant, string sweep);
}
