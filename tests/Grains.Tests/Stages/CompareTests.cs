using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Stages.Runners;

namespace SparseGrid.Grains.Tests.Stages;

/// <summary>The stage compare on the real digits, with predictions made up by hand.</summary>
public sealed class CompareTests
{
    private static readonly DataSettings Data = new("digits-csv", Path.Combine(AppContext.BaseDirectory, "digits.csv.gz"));
    private static readonly DataIdentity Identity = new DataCatalog().IdentityOf(Data);
    private static readonly LabeledImages Test = new DataCatalog().For(Data, Identity).Test;
    private readonly MemoryStores stores = new();

    [Fact]
    public void Keeps_lost_gained_and_otherwise_wrong_images_in_this_order_with_their_pixels()
    {
        var (dense, variant) = (Right(), Right());
        (dense[5], variant[5]) = (Wrong(5, 1), Wrong(5, 2));             // both wrong, otherwise
        (dense[6], variant[6]) = (Wrong(6, 1), Wrong(6, 1));             // both wrong, alike: no flip
        dense[7] = Wrong(7, 3);                                          // gained
        variant[9] = Wrong(9, 1);                                        // lost
        variant[3] = Wrong(3, 4);                                        // lost

        var output = Compare(dense, variant);
        var flips = FlipsFile.Read(stores.Get(output.Artifacts["flips"]), "flips");

        Assert.Equal([Flip(3, 0, 4), Flip(9, 0, 1), Flip(7, 3, 0), Flip(5, 1, 2)], flips.Images);
        Assert.Equal([4, 2, 1, 1], ((string[])["flipped", "lost", "gained", "otherwise_wrong"]).Select(name => output.Numbers[name]));
        Assert.Equal((4, 1, 8, 8), (flips.Pictures, flips.Channels, flips.Height, flips.Width));
        Assert.Equal(Test.Pixels(9, 1).Select(pixel => (byte)Math.Round(255 * pixel)), flips.Picture(1).ToArray());
        Assert.Contains((byte)255, flips.Picture(1).ToArray());

        FlippedImage Flip(int image, int denseOff, int variantOff) => new(image, Test.Labels[image], (int)Wrong(image, denseOff), (int)Wrong(image, variantOff));
    }

    [Fact]
    public void Keeps_the_pixels_of_the_first_64_and_the_numbers_of_all()
    {
        var variant = Right();
        for (var image = 0; image < 100; image++)
            variant[image] = Wrong(image, 1);

        var flips = FlipsFile.Read(stores.Get(Compare(Right(), variant).Artifacts["flips"]), "flips");
        Assert.Equal((100, 64), (flips.Images.Length, flips.Pictures));
        Assert.Equal(Enumerable.Range(0, 100), flips.Images.Select(image => image.Index));
    }

    [Fact]
    public void Equal_predictions_make_an_empty_file_and_equal_inputs_the_same_one()
    {
        var first = Compare(Right(), Right());
        Assert.Equal(first.Artifacts["flips"], Compare(Right(), Right()).Artifacts["flips"]);
        Assert.Empty(FlipsFile.Read(stores.Get(first.Artifacts["flips"]), "flips").Images);
    }

    [Fact]
    public void Predictions_of_other_images_are_refused()
    {
        var fault = Assert.Throws<StageFailedException>(() => Compare(Right()[1..], Right(), labelsFrom: 1));
        Assert.Contains("are not the same images", fault.Message);
    }

    private static long[] Right() => Array.ConvertAll(Test.Labels, label => (long)label);

    private static long Wrong(int image, int by) => (Test.Labels[image] + by) % 10;

    private StageOutput Compare(long[] dense, long[] variant, int labelsFrom = 0)
    {
        var inputs = ImmutableSortedDictionary<string, string>.Empty
            .Add("baseline_predictions", Predictions(dense, Right()[labelsFrom..]))
            .Add("predictions_test", Predictions(variant, Right()));
        var recipe = new Recipe(VariantKind.Ptq, null, new("resnet8"), Identity, new(1, "test", "cpu", "fp32", "eager", 1), [], 7);
        return new CompressionStageRunner(
            stores, stores, new DataCatalog(), Options.Create(new CheckpointOptions()), TimeProvider.System, NullLogger<CompressionStageRunner>.Instance)
            .Run(new("key", new CompareStage(), recipe, Data, inputs), _ => { }, TestContext.Current.CancellationToken);
    }

    private string Predictions(long[] predicted, long[] labels) => stores.Put(SafeTensors.Write(new Dictionary<string, HostArray>
    {
        ["predicted"] = HostArray.Of(predicted, predicted.Length), ["label"] = HostArray.Of(labels, labels.Length),
    }));
}
