using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Runtimes.Float16;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>The baseline in float16, and measurements beside it; these run where there is a GPU and a libtorch that sees it.</summary>
[Collection(EnginesOnAGpu.Name)]
public sealed class Float16NetworkTests
{
    public static TheoryData<string> Graphs => [.. TestGraphs.All.Keys, "one channel"];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Scores_are_those_of_the_network_to_the_precision_of_float16(string name)
    {
        using var device = Gpu.Require();
        Assert.SkipUnless(cuda.is_available(), "This libtorch sees no GPU.");
        var graph = name == "one channel" ? ResNet.Build("resnet8", new ImageShape(1, 8, 8), 10, width: 32) : TestGraphs.All[name].Graph;
        var network = RandomNetwork.Of(graph, seed: 3, twoFour: false);
        const int batch = 4;
        var shape = graph.InputShape;
        var images = network.Images(batch, seed: 8);
        using var half = Float16Network.Build(network.Graph, network.Weights, device, batch);
        TestContext.Current.TestOutputHelper?.WriteLine(half.Form);
        var scores = new float[batch * half.Classes];
        half.Run(ChannelsLast(images, batch, shape), scores);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var floats = new GraphNetwork(network.Graph, network.Weights, ComputeDevice.Cpu);
        var expected = floats.Forward(tensor(images, [batch, shape.Channels, shape.Height, shape.Width]), training: false).flatten().data<float>().ToArray();
        var largest = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(scores), pair => Assert.True(MathF.Abs(pair.First - pair.Second) < 0.02f * largest, $"{pair.First} and {pair.Second}, largest {largest}; {half.Form}"));
    }

    [Fact]
    public void Launches_are_recorded_and_fused_where_libtorch_offers_it()
    {
        using var device = Gpu.Require();
        Assert.SkipUnless(cuda.is_available(), "This libtorch sees no GPU.");
        var graph = ResNet.Build("resnet18", new ImageShape(3, 224, 224), 100);
        using var half = Float16Network.Build(graph, GraphNetwork.Initial(graph, 2), device, 1);
        Assert.EndsWith("CUDA graph", half.Form);
        Assert.Contains("cudnn_convolution_relu in 17 of 20 convolutions", half.Form);
    }

    [Fact]
    public void An_exported_file_is_timed_beside_its_dense_network_and_gives_the_references_scores()
    {
        using var device = Gpu.Require();
        Assert.SkipUnless(cuda.is_available(), "This libtorch sees no GPU.");
        const int batch = 8;
        var network = RandomNetwork.Of(ResNet.Build("resnet8", new ImageShape(3, 32, 32), 10, width: 64), seed: 6);
        var file = OnnxExporter.ExportQuantized(network.Graph, network.Weights, network.Placement, network.Ranges, Dialect.CudaInt8, new(Rounding: RoundingRule.Onnx));
        var images = network.Images(batch, seed: 1);
        using (var onGpu = CudaInt8Session.OnGpu(file, batch))
        using (var onProcessor = CudaInt8Session.OnProcessor(file, threads: 2))
        {
            Assert.Equal(onProcessor.Run(images, batch), onGpu.Run(images, batch));
            Assert.Equal(onProcessor.Run(images.AsSpan(0, 3 * network.Graph.InputShape.Count), 3), onGpu.Run(images.AsSpan(0, 3 * network.Graph.InputShape.Count), 3));
        }

        using var engine = CudaInt8Engine.Build(ExecutionPlan.FromFile(file, "file", batch), device, new(Images: ImageForm.Float16ChannelsLast));
        using var baseline = Float16Network.Build(network.Graph, network.Weights, device, batch);
        var told = 0;
        var samples = GpuLatencyMeasurement.Measure(
            engine, baseline, ChannelsLast(images, batch, network.Graph.InputShape), batch * 10, warmupRuns: 5, runs: 47, done => told = done, TestContext.Current.CancellationToken);
        Assert.Equal((47, 47, 47), (told, samples.CandidateMs.Length, samples.BaselineMs.Length));
        Assert.All(samples.CandidateMs.Concat(samples.BaselineMs), time => Assert.InRange(time, 0.001, 1000));
        TestContext.Current.TestOutputHelper?.WriteLine($"{samples.CandidateMedianMs} ms, {samples.BaselineMedianMs} ms");
    }

    private static Half[] ChannelsLast(float[] images, int batch, ImageShape shape)
    {
        var (moved, pixels) = (new Half[images.Length], shape.Height * shape.Width);
        for (var n = 0; n < batch; n++)
        {
            for (var i = 0; i < shape.Count; i++)
                moved[(n * pixels + i % pixels) * shape.Channels + i / pixels] = (Half)images[n * shape.Count + i];
        }

        return moved;
    }
}
