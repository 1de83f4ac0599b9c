using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class MemoryPlanTests
{
    [Theory]
    [InlineData("resnet8", 28)]
    [InlineData("resnet18", 224)]
    [InlineData("resnet34", 224)]
    [InlineData("resnet50", 224)]
    public void No_two_tensors_that_live_together_share_memory(string name, int size)
    {
        var plan = Unweighted(ResNet.Build(name, new ImageShape(3, size, size), 10));
        foreach (var batch in (int[])[1, 32])
        {
            foreach (var each in (ExecutionPlan[])[plan.ForBatch(batch), plan.ForBatch(batch).Unfused()])
            {
                var memory = MemoryPlan.Of(each);
                Assert.Empty(memory.Overlaps());
                Assert.All(memory.Places, place => Assert.Equal(0, place.Offset % MemoryPlan.Alignment));
                Assert.All(memory.Places, place => Assert.InRange(place.Offset + place.Bytes, 1, memory.Bytes));
                Assert.True(memory.Bytes < memory.Places.Sum(place => place.Bytes), "memory is used again once a tensor is dead");
            }
        }
    }

    [Fact]
    public void Overlaps_are_told()
    {
        var memory = new MemoryPlan(1024, [new(0, 0, 512, 0, 2), new(1, 256, 512, 1, 3), new(2, 512, 512, 3, 4)]);
        Assert.Equal([(0, 1), (1, 2)], memory.Overlaps().Select(pair => (pair.Item1.Tensor, pair.Item2.Tensor)));
    }

    [Fact]
    public void A_stem_in_one_step_keeps_its_parts_out_of_memory()
    {
        var plan = Unweighted(ResNet.Build("resnet18", new ImageShape(3, 224, 224), 10));
        var stem = Assert.IsType<StemStep>(plan.Steps[0]);
        Assert.DoesNotContain(stem.Conv.To, MemoryPlan.Of(plan).Places.Select(place => place.Tensor));
        Assert.Contains(stem.Conv.To, MemoryPlan.Of(plan.Unfused()).Places.Select(place => place.Tensor));
    }

    // Ranges of 1 spare a calibration: the layout goes by shapes alone.
    private static ExecutionPlan Unweighted(LayerGraph graph) => RandomNetwork.WithRangesOfOne(graph).Plan(1);
}
