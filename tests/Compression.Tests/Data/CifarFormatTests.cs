using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.Data;

public sealed class CifarFormatTests : TestFolder
{
    [Theory]
    [InlineData(10, 10)]
    [InlineData(100, 100)]
    public void Reads_the_batches_in_order_and_the_fine_label(int classes, int images)
    {
        var data = TinySets.Read($"cifar{classes}", TinySets.Cifar(Folder, classes));

        Assert.Equal((images, 2, classes), (data.Images.Count, data.Test!.Count, data.Images.Classes));
        Assert.Equal(new ImageShape(3, 32, 32), data.Images.Shape);
        Assert.Equal(Enumerable.Range(0, images), data.Images.Labels);
        Assert.Equal(TinySets.Pixels(3072).Select(pixel => pixel / 255f), data.Images.Pixels(images - 1, 1));
    }

    [Fact]
    public void A_batch_that_is_cut_off_or_has_a_wrong_label_is_named()
    {
        TinySets.Cifar(Folder, 10);
        var batch = File.ReadAllBytes(In("data_batch_3.bin"));

        File.WriteAllBytes(In("data_batch_3.bin"), batch[..^1]);
        Assert.Equal($"{In("data_batch_3.bin")}: has 6145 bytes, which is no number of cifar10 records of 3073. Get the file again.", Told());

        batch[3073] = 10;
        File.WriteAllBytes(In("data_batch_3.bin"), batch);
        Assert.Equal($"{In("data_batch_3.bin")}: label 2 is 10; with 10 classes labels are 0 to 9. Get the file again.", Told());

        File.WriteAllBytes(In("data_batch_3.bin"), []);
        Assert.StartsWith($"{In("data_batch_3.bin")}: has 0 bytes", Told());
    }

    [Fact]
    public void Files_without_images_of_every_class_are_not_the_named_set()
    {
        TinySets.Cifar(Folder, 10);
        File.Copy(In("data_batch_1.bin"), In("data_batch_2.bin"), overwrite: true);

        Assert.Equal($"{Folder}: has images of 8 classes, but cifar10 has 10. Get the files again, or correct data.path or data.format.", Told());
    }

    private string Told() => Assert.Throws<InvalidDataException>(() => TinySets.Read("cifar10", Folder)).Message;
}
