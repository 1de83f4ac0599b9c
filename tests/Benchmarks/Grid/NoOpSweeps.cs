using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>Sweeps of a number of trials: in each replicate one dense variant and the ptq of it at up to 99 percentiles.</summary>
internal static class NoOpSweeps
{
    private const int TrialsOfReplicate = 100;

    public static SweepSpec Of(string sweep, int trials)
    {
        var replicates = Math.Max(1, trials / TrialsOfReplicate);
        var calibrations = Math.Max(1, (trials / replicates) - 1);
        return new(
            sweep, 1, new("resnet8"), new("digits-csv", "digits.csv"), new(),
            new(
                new([new(Epochs: 2, Momentum: 0)], [new()]), null,
                new([VariantKind.Dense], [.. Enumerable.Range(1, calibrations).Select(i => new CalibrateSettings("percentile", Percentile: 99 + (i * 0.01)))], [new()], [new()]),
                null),
            new(), [], replicates, new());
    }
}
