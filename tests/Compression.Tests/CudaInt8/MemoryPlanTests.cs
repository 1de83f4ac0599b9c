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

    [Theory]
    [InlineData("resnet8", 28)]
    [InlineData("resnet34", 224)]
    public void Neighbours_that_one_kernel_may_compute_together_write_to_memory_that_nothing_of_the_first_one_holds(string name, int size)
    {
        var plan = Unweighted(ResNet.Build(name, new ImageShape(3, size, size), 10));
        var places = MemoryPlan.Of(plan).Places.ToDictionary(place => place.Tensor);
        var pairs = 0;
        for (var i = 0; i + 1 < plan.Steps.Length; i++)
        {
            if (plan.Steps[i] is not ConvStep { Residual: null } first || plan.Steps[i + 1] is not ConvStep { Residual: null } second || first.From != second.From)
                continue;
            pairs++;
            foreach (var other in places.Values.Where(place => place.Tensor != second.To && place.First <= i && i <= place.Last))
                Assert.True(other.Offset + other.Bytes <= places[second.To].Offset || places[second.To].Offset + places[second.To].Bytes <= other.Offset, $"{second.Name} and tensor {other.Tensor}");
        }

        Assert.True(pairs > 0, "a downsampling block has two convolutions of one input");
    }

    [Fact]
    public void Scores_that_one_kernel_may_make_of_maps_lie_apart_from_these()
    {
        var graphs = Enumerable.Range(1, 4).Select(Chain).Append(ResNet.Build("resnet18", new ImageShape(3, 224, 224), 1000)).ToArray();
        foreach (var plan in graphs.Select(Unweighted).SelectMany(plan => (ExecutionPlan[])[plan, plan.ForBatch(32), plan.Unfused()]))
        {
            var places = MemoryPlan.Of(plan).Places.ToDictionary(place => place.Tensor);
            var i = plan.Steps.IndexOf(plan.Steps.OfType<AveragePoolStep>().Single());
            var (maps, scores) = (places[plan.Steps[i].Inputs[0]], places[Assert.IsType<ConvStep>(plan.Steps[i + 1]).To]);
            Assert.True(maps.Offset + maps.Bytes <= scores.Offset || scores.Offset + scores.Bytes <= maps.Offset, $"{plan.Name}, {plan.Batch} images: maps {maps}, scores {scores}");
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

    private static LayerGraph Chain(int convolutions)
    {
        var builder = new GraphBuilder("input");
        var x = "input";
        for (var i = 0; i < convolutions; i++)
            x = builder.ConvNormRelu($"conv{i}", $"bn{i}", $"relu{i}", x, i == 0 ? 3 : 64, 64, Window.Square(3, 1, 1));
        x = builder.Add(new GlobalAveragePool("avgpool", x, "avgpool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        x = builder.Add(new Gemm("fc", x, "output", 64, 10));
        return new($"chain of {convolutions}", "input", new(3, 12, 12), x, builder.Nodes);
    }

    // Ranges of 1 spare a calibration: the layout goes by shapes alone.
    private static ExecutionPlan Unweighted(LayerGraph graph) => RandomNetwork.WithRangesOfOne(graph).Plan(1);
}
