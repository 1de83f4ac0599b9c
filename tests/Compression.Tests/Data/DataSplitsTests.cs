using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class DataSplitsTests
{
    private static readonly LabeledImages All = new(
        new ImageShape(1, 1, 1), 4, [.. Enumerable.Range(0, 400).Select(i => (float)i)], [.. Enumerable.Range(0, 400).Select(i => i % 4)]);

    [Fact]
    public void Every_image_is_in_one_part_and_every_class_in_its_share()
    {
        var splits = DataSplits.Of(All, validation: 0.25, test: 0.2, seed: 3);

        Assert.Equal((240, 80, 80), (splits.Train.Count, splits.Validation.Count, splits.Test.Count));
        Assert.Equal(Pixels(All), Pixels(splits.Train).Concat(Pixels(splits.Validation)).Concat(Pixels(splits.Test)).Order());
        Assert.All(splits.Test.Labels.GroupBy(label => label), group => Assert.Equal(20, group.Count()));
        Assert.All(splits.Validation.Labels.GroupBy(label => label), group => Assert.Equal(20, group.Count()));
    }

    [Fact]
    public void The_seed_decides_and_decides_the_same_way_every_time()
    {
        Assert.Equal(Pixels(DataSplits.Of(All, 0.25, 0.2, 3).Test), Pixels(DataSplits.Of(All, 0.25, 0.2, 3).Test));
        Assert.NotEqual(Pixels(DataSplits.Of(All, 0.25, 0.2, 3).Test), Pixels(DataSplits.Of(All, 0.25, 0.2, 4).Test));
    }

    [Fact]
    public void A_calibration_sample_is_balanced_and_part_of_the_training_images()
    {
        var splits = DataSplits.Of(All, 0.25, 0.2, 3);
        var sample = splits.CalibrationSample(40, seed: 1);

        Assert.All(sample.Labels.GroupBy(label => label), group => Assert.Equal(10, group.Count()));
        Assert.Subset(Pixels(splits.Train).ToHashSet(), Pixels(sample).ToHashSet());
        Assert.Equal(40, Pixels(sample).Distinct().Count());
    }

    [Fact]
    public void Refuses_shares_that_leave_a_class_without_images()
    {
        var few = new LabeledImages(new ImageShape(1, 1, 1), 2, [1, 2, 3, 4], [0, 0, 1, 1]);
        Assert.Contains("Class 0 has 2 images", Assert.Throws<InvalidDataException>(() => DataSplits.Of(few, 0.15, 0.2, 0)).Message);
    }

    private static float[] Pixels(LabeledImages images) => images.Pixels(0, images.Count);
}
