using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
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

    private VariantResult Assemble(VariantKind kind, long[] predicted, VariantResult? dense)
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
        return new ResultAssembler(stores).Assemble(
            new Assignment(new(new('a', 64)), recipe, "sweep", new("digits-csv", "x"), new(), "key", null, null, SiloAddress.Zero, []),
            [
                Stage("export", ("onnx", stores.Put("file"u8)), ("layers", stores.Put(JsonSerializer.SerializeToUtf8Bytes(Array.Empty<LayerSparsity>())))),
                Stage("evaluate", ("predictions_validation", predictions)) with { Numbers = numbers },
                Stage("evaluate", ("predictions_test", predictions)) with { Numbers = numbers },
                Stage("measure") with { Numbers = times },
            ],
            dense, dense);
    }

    private static StageRecord Stage(string kind, params (string Role, string Hash)[] made) => new(
        "key", kind, made.ToImmutableSortedDictionary(artifact => artifact.Role, artifact => artifact.Hash), ImmutableSortedDictionary<string, double>.Empty, [],
        new("device", "fingerprint", "silo", "versions", DateTimeOffset.UnixEpoch, TimeSpan.Zero));
}
