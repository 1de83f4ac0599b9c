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

    [Fact]
    public void A_number_of_images_is_held_out_in_the_classes_shares()
    {
        var splits = DataSplits.Of(All, validation: 42, test: 100, seed: 3);

        Assert.Equal((258, 42, 100), (splits.Train.Count, splits.Validation.Count, splits.Test.Count));
        Assert.Equal([11, 11, 10, 10], splits.Validation.Labels.CountBy(label => label).OrderBy(count => count.Key).Select(count => count.Value));
        Assert.Equal([25, 25, 25, 25], splits.Test.Labels.CountBy(label => label).OrderBy(count => count.Key).Select(count => count.Value));
    }

    [Fact]
    public void Classes_of_different_size_give_a_number_of_images_in_proportion()
    {
        int[] labels = [.. Enumerable.Repeat(0, 70), .. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(2, 10)];
        var uneven = new LabeledImages(new ImageShape(1, 1, 1), 3, new float[100], labels);

        var splits = DataSplits.Of(uneven, uneven, validation: 13, seed: 0);

        Assert.Equal([9, 3, 1], splits.Validation.Labels.CountBy(label => label).OrderBy(count => count.Key).Select(count => count.Value));
    }

    [Fact]
    public void Test_images_of_the_sets_own_stay_whole_and_the_training_images_share_their_pixels()
    {
        var test = new LabeledImages(All.Shape, 4, [0.5f], [3]);
        var splits = DataSplits.Of(All, test, validation: 0.25, seed: 3);

        Assert.Same(test, splits.Test);
        Assert.Equal((300, 100), (splits.Train.Count, splits.Validation.Count));
        Assert.Equal(Pixels(All), Pixels(splits.Train).Concat(Pixels(splits.Validation)).Order());
        Assert.Equal(splits.Validation.Pixels(7, 1), splits.Validation.At([3, 7]).Pixels(1, 1));
    }

    [Fact]
    public void A_number_that_leaves_nothing_is_refused()
    {
        string Told(double validation, double test) => Assert.Throws<InvalidDataException>(() => DataSplits.Of(All, validation, test, 0)).Message;

        Assert.Equal("data.validation is 300, but there are 300 images to hold them out of. Use fewer.", Told(300, 100));
        Assert.Equal("data.test is 5000, but there are 400 images to hold them out of. Use fewer.", Told(0.5, 5000));
        Assert.StartsWith("Class 2 has 100 images: test 2 and validation 0.2 leave a part without any.", Told(0.2, 2));
    }

    private static float[] Pixels(LabeledImages images) => images.Pixels(0, images.Count);
}
