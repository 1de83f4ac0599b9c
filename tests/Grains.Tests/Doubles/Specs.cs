using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>Sweeps for tests.</summary>
public static class Specs
{
    /// <summary>Dense, sparse, and ptq of both by the given calibration methods: 2 + 2 · methods trials.</summary>
    public static SweepSpec Tree(string sweep, params string[] methods) => new(
        sweep, 1, new("resnet8"), new("digits-csv", "digits.csv"), new(),
        new(
            new([new(Epochs: 2, Momentum: 0)], [new()]),
            new(["m4n2_1d"], [new(Epochs: 1)], [new()]),
            new([VariantKind.Dense, VariantKind.Sparse], [.. methods.Select(method => new CalibrateSettings(method))], [new()], [new()]),
            null),
        new(), [], 1, new());

    /// <summary>In each of so many replicates a dense variant and 99 ptq variants of it, each at a percentile of its own.</summary>
    public static SweepSpec Hundreds(string sweep, int replicates)
    {
        var tree = Tree(sweep, "max");
        var percentiles = Enumerable.Range(1, 99).Select(i => new CalibrateSettings("percentile", Percentile: 99 + (i * 0.01)));
        return tree with
        {
            Replicates = replicates,
            Variants = tree.Variants with { Sparse = null, Ptq = tree.Variants.Ptq! with { From = [VariantKind.Dense], Calibrate = [.. percentiles] } },
        };
    }
}
