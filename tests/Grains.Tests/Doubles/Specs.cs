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
}
