using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Client.Tests;

/// <summary>Made-up sweeps with round figures; nothing in them was measured.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static VariantId Id(int index) => new(string.Concat(Enumerable.Repeat($"{index:x1}0ab", 16)));

    public static SweepSpec Spec(params Goal[] goals) => new(
        "digits", Seed: 7, new("resnet8"), new("digits-csv", "digits.csv.gz"), new(), new(new([new(2)], new()), null, null, null), new(Runs: 200),
        [.. goals], Replicates: 1, new());

    /// <summary>dense → sparse → ptq max: 97.5 %, 97.22 % and 96.67 % on 360 test images.</summary>
    public static ImmutableArray<TrialRow> ThreeRows() =>
    [
        Row(0, "dense", VariantKind.Dense, parent: -1, top1: 0.975, difference: 0, median: 0.4, bytes: 307200),
        Row(1, "dense/sparse", VariantKind.Sparse, parent: 0, top1: 350 / 360.0, difference: -1 / 360.0, median: 0.4, bytes: 307200, pruned: true),
        Row(2, "dense/sparse/ptq max", VariantKind.Ptq, parent: 1, top1: 348 / 360.0, difference: -3 / 360.0, median: 0.16, bytes: 92160, pruned: true, mismatches: 2),
    ];

    public static TrialRow Row(
        int index, string path, VariantKind kind, int parent, double top1, double difference, double median, long bytes,
        bool pruned = false, int mismatches = 0, bool reused = false, bool diverged = false, double? validationTop1 = null, double? validationDifference = null)
    {
        var accuracy = new Accuracy(top1, 360, top1, mismatches, difference, difference - 0.01, difference + 0.005, difference == 0 ? 1 : 0.25,
            top1 - 0.02, Math.Min(1, top1 + 0.01), Lost: difference < 0 ? 4 : 0, Gained: difference < 0 ? 1 : 0, OtherwiseWrong: difference < 0 ? 2 : 0);
        var provenance = new Provenance("Some CPU", "machine-1", "silo-1", "libtorch 2.10.0, onnxruntime 1.31.1", Noon, TimeSpan.FromSeconds(2));
        var numbers = diverged ? ImmutableSortedDictionary<string, double>.Empty.Add("diverged", 1) : ImmutableSortedDictionary<string, double>.Empty;
        StageRecord Stage(string stage, params (string Role, string Hash)[] artifacts) =>
            new(new string('5', 64), stage, artifacts.ToImmutableSortedDictionary(made => made.Role, made => made.Hash), numbers, [], provenance);
        var result = new VariantResult(
            Id(index),
            new Recipe(kind, parent < 0 ? null : Id(parent), new("resnet8"), new("digits-csv", new string('d', 64), 0.15, 0.2, 0), new(1, "2.10.0", "cpu", "fp32", "eager", 1),
                [new TrainStage(new TrainSettings(2)), new ExportStage(13, "fold", null)], 7),
            [Stage("train", ("weights", new string('a', 64))), Stage("export", ("onnx", new string('b', 64))), Stage("measure")],
            accuracy with { Top1 = validationTop1 ?? top1, Images = 216, Difference = validationDifference ?? difference },
            accuracy,
            new Latency(1, 1, 200, median, median * 1.5, 0.4, 0.6),
            bytes,
            pruned
                ? [new("stem", "16x1x3x3", 144, 0, false, true, false, "C is 1, not a multiple of 16"), new("layer1", "16x16x3x3", 2304, 1152, true, true, false, "ONNX Runtime has no 2:4 kernel")]
                : []);
        return new(index, path, kind, Id(index), parent, 7, TrialState.Finished, reused, null, result);
    }

    public static TrialRow Failed(int index, string path, int parent, string failure) =>
        new(index, path, VariantKind.Qat, Id(index), parent, 7, TrialState.Failed, false, failure, null);

    public static SweepStatus Status(SweepState state = SweepState.Finished, int trials = 3, int waiting = 0, int running = 0, int finished = 3, int failed = 0, params RunningVariant[] variants) => new(
        "digits", state, Revision: 1, trials, waiting, running, finished, failed, Reused: 0, [.. variants],
        ImmutableSortedDictionary<string, int>.Empty.Add("train", 1), ImmutableSortedDictionary<string, int>.Empty,
        Noon, state == SweepState.Active ? null : Noon.AddSeconds(83));
}
