using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Tests.Identity;
using SparseGrid.Grains.Tests.Stages;

namespace SparseGrid.Grains.Tests.Results;

public sealed class ResultAssemblerTests
{
    private static readonly long[] Labels = [0, 1, 2, 3, 4, 5, 6, 7];
    private readonly MemoryStores stores = new();

    [Fact]
    public void A_variant_is_counted_image_by_image_against_its_dense_ancestor()
    {
        var dense = Assemble(VariantKind.Dense, [0, 1, 9, 8, 8, 5, 0, 7], null);
        var variant = Assemble(VariantKind.Ptq, [0, 7, 2, 8, 7, 4, 6, 7], dense);   // lost 1 and 5, gained 2 and 6, 4 is wrong otherwise

        Assert.Equal((2, 2, 1), (variant.Test.Lost, variant.Test.Gained, variant.Test.OtherwiseWrong));
        Assert.Equal((4 / 8.0, 0.0, 1.0), (variant.Test.Top1, variant.Test.Difference, variant.Test.McNemarP));
        Assert.Equal((0.2152, 0.7848), (Math.Round(variant.Test.Top1Low, 4), Math.Round(variant.Test.Top1High, 4)));
    }

    [Fact]
    public void A_dense_variant_differs_from_nothing()
    {
        var dense = Assemble(VariantKind.Dense, Labels, null);
        Assert.Equal((0, 0, 0), (dense.Test.Lost, dense.Test.Gained, dense.Test.OtherwiseWrong));
        Assert.Equal(1, dense.Test.Top1High);
    }

    [Fact]
    public void What_the_engine_did_with_each_layer_stands_beside_its_weights()
    {
        LayerSparsity[] layers =
        [
            new("conv1", "64x3x7x7", 9408, 0, Pruned: false, MaskValid: false, SparseKernel: false, "C is 3, not a multiple of 16"),
            new("layer1.0.conv1", "64x64x3x3", 36864, 18432, Pruned: true, MaskValid: true, SparseKernel: false, ""),
            new("layer1.0.conv10", "64x64x3x3", 36864, 18432, Pruned: true, MaskValid: true, SparseKernel: false, ""),
        ];
        EngineLayer[] engine = [new("layer1.0.conv1+layer1.0.relu1", "3x3", true, true, Sparse: true, "2:4 halo", 5.5, 4.5, 1, 1, "2:4 takes 4.5 us and dense 5.5: 1.22 times as fast")];
        var measure = new MeasureSettings("cuda-int8", Batch: 4);
        var result = Assemble(VariantKind.Ptq, Labels, null, measure, layers, engine);

        Assert.Equal([false, true, false], result.Sparsity.Select(layer => layer.SparseKernel));
        Assert.Equal(("2:4 halo", 5.5, 4.5), (result.Sparsity[1].Kernel, result.Sparsity[1].DenseMicroseconds, result.Sparsity[1].SparseMicroseconds));
        Assert.Equal(["C is 3, not a multiple of 16", engine[0].Reason, "it runs in a kernel of its own, which is dense"], result.Sparsity.Select(layer => layer.Why));
        Assert.Equal("dense FP16", result.Latency.Baseline);
        Assert.All(Assemble(VariantKind.Sparse, Labels, null, measure, layers).Sparsity[1..], layer => Assert.Equal("libtorch's float16 kernels have no 2:4 form", layer.Why));
    }

    [Fact]
    public void A_sweep_that_measures_nothing_has_results_without_a_latency()
    {
        var result = Assemble(VariantKind.Ptq, Labels, null, new("cuda-int8", Runs: 0));
        Assert.Equal((0, true, true), (result.Latency.Runs, double.IsNaN(result.Latency.MedianMs), double.IsNaN(result.Latency.SpeedUp)));
        Assert.False(result.Latency.IsMeasured);
    }

    private VariantResult Assemble(
        VariantKind kind, long[] predicted, VariantResult? dense, MeasureSettings? measure = null, LayerSparsity[]? layers = null, EngineLayer[]? engine = null)
    {
        var right = predicted.Zip(Labels).Count(pair => pair.First == pair.Second);
        var numbers = ImmutableSortedDictionary<string, double>.Empty
            .Add("top1", right / 8.0).Add("framework_top1", right / 8.0).Add("mismatches", 0).Add("images", 8);
        var predictions = stores.Put(SafeTensors.Write(new Dictionary<string, HostArray>
        {
            ["predicted"] = HostArray.Of(predicted, 8), ["label"] = HostArray.Of(Labels, 8),
        }));
        var times = new[] { "batch", "threads", "runs", "median_ms", "p99_ms", "baseline_median_ms", "baseline_p99_ms" }.ToImmutableSortedDictionary(name => name, _ => 1.0);
        var recipe = Samples.Dense with { Kind = kind };
        StageRecord MeasureRecord() => (engine is null ? Stage("measure") : Stage("measure", (EngineLayer.Role, stores.Put(JsonSerializer.SerializeToUtf8Bytes(engine))))) with { Numbers = times };
        return new ResultAssembler(stores).Assemble(
            new Assignment(new(new('a', 64)), recipe, "sweep", new("digits-csv", "x"), measure ?? new(), "key", null, null, SiloAddress.Zero, []),
            [
                Stage("export", ("onnx", stores.Put("file"u8)), ("layers", stores.Put(JsonSerializer.SerializeToUtf8Bytes(layers ?? [])))),
                Stage("evaluate", ("predictions_validation", predictions)) with { Numbers = numbers },
                Stage("evaluate", ("predictions_test", predictions)) with { Numbers = numbers },
                .. measure is { Runs: 0 } ? [] : new[] { MeasureRecord() },
            ],
            dense, dense);
    }

    private static StageRecord Stage(string kind, params (string Role, string Hash)[] made) => new(
        "key", kind, made.ToImmutableSortedDictionary(artifact => artifact.Role, artifact => artifact.Hash), ImmutableSortedDictionary<string, double>.Empty, [],
        new("device", "fingerprint", "silo", "versions", DateTimeOffset.UnixEpoch, TimeSpan.Zero));
}
