using System.Diagnostics;
using SparseGrid.Grains.Stages.Runners;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Grains.Tests.Stages;

namespace SparseGrid.Grains.Tests.Sweeps;

public sealed class LocalPlanInputsTests
{
    [Fact]
    public async Task A_layer_to_leave_dense_that_the_network_has_not_is_refused_before_anything_runs()
    {
        var spec = Specs.Tree("typo");
        spec = spec with { Variants = spec.Variants with { Sparse = spec.Variants.Sparse! with { Prunings = [new(Exclude: "fc,layr1.*")] } } };
        var inputs = new LocalPlanInputs(new PlainSurroundings(), new DataCatalog(), new MemoryStores()).For(spec);
        Assert.Equal(
            "variants.sparse.prune.exclude: No layer is named 'layr1.*'; did you mean 'layer1.0.conv1'?",
            (await Assert.ThrowsAsync<InvalidDataException>(inputs.AsTask)).Message);
    }

    [Fact]
    public async Task A_batch_to_time_that_no_array_holds_is_refused_before_anything_runs()
    {
        var spec = Specs.Tree("batch") with { Data = new("digits-csv", Path.Combine(AppContext.BaseDirectory, "digits.csv.gz")) };
        var inputs = new LocalPlanInputs(new PlainSurroundings(), new DataCatalog(), new MemoryStores());
        _ = await inputs.For(spec with { Measure = spec.Measure with { Batch = Array.MaxLength / 64 } });
        var refused = await Assert.ThrowsAsync<InvalidDataException>(async () => await inputs.For(spec with { Measure = spec.Measure with { Batch = Array.MaxLength / 64 + 1 } }));
        Assert.Equal(
            "measure.latency.batch is 33554432, but 33554432 images of 1x8x8 are more than the 2147483591 values that one call takes; give at most 33554431.", refused.Message);
    }

    [Fact]
    public async Task Reading_the_data_does_not_hold_the_callers_thread()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo makes the file that cannot be read until it is written.");
        var folder = Directory.CreateTempSubdirectory("sparsegrid-inputs-").FullName;
        try
        {
            var pipe = Path.Combine(folder, "data.csv");
            using (var make = Process.Start("mkfifo", [pipe]))
                await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            var spec = Specs.Tree("pipe") with { Data = new("digits-csv", pipe) };

            // On the thread of this test it would wait for ever.
            var inputs = new LocalPlanInputs(new PlainSurroundings(), new DataCatalog(), new MemoryStores()).For(spec);

            Assert.False(inputs.IsCompleted);
            await using (new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) // Unshared it would lock the reader out.
                Assert.Equal($"{pipe}: is a pipe or a device; data are read from files.", (await Assert.ThrowsAsync<InvalidDataException>(inputs.AsTask)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("fcc", "variants.ptq.quantize: No layer is named 'fcc'; did you mean 'fc'?")]
    [InlineData("*", "variants.ptq.quantize: No layer with weights of resnet8 is left to quantize: excluded by '*' and so on. Exclude fewer layers.")]
    public async Task A_choice_of_layers_that_the_network_cannot_meet_is_refused_before_the_data_are_read(string exclude, string message)
    {
        var spec = Specs.Tree("layers") with { Data = new("digits-csv", "/nowhere") };
        spec = spec with { Variants = spec.Variants with { Ptq = spec.Variants.Ptq! with { Quantize = [new(Layers: new(Exclude: exclude))] } } };

        var inputs = new LocalPlanInputs(new PlainSurroundings(), new DataCatalog(), new MemoryStores());
        var refused = await Assert.ThrowsAsync<InvalidDataException>(async () => await inputs.For(spec));
        Assert.Equal(message, refused.Message);
    }
}
