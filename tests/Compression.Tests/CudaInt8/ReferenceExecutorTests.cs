using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.CudaInt8;

public sealed class ReferenceExecutorTests
{
    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(-0.5f, 0)]
    [InlineData(-1.5f, -2)]
    [InlineData(126.5f, 126)]
    [InlineData(127.5f, 127)]
    [InlineData(1e30f, 127)]
    [InlineData(-128.5f, -128)]
    [InlineData(float.NegativeInfinity, -128)]
    [InlineData(float.NaN, -128)]
    public void Halves_round_to_even_and_what_lies_outside_is_bounded(float steps, int level) => Assert.Equal(level, TensorValues.Level(steps, -128, 127));

    [Fact]
    public void A_convolution_adds_scales_and_rounds_as_worked_out_by_hand()
    {
        // One pixel of two channels, levels 10 and -3; weights 2, 5 and -1, 4; residual level 7.
        var geometry = new ConvGeometry(new(2, 1, 1), new(2, 1, 1), Window.Square(1), 1);
        var conv = new ConvStep("conv", 0, 1, 2, geometry, new([2, 5, -1, 4], [0.5f, 0.25f], [1, -2]), Beta: 0.5f, Low: 0, High: 127);
        var plan = new ExecutionPlan(
            "by hand", 1, new(2, 1, 1),
            [new(0, "x", new(2, 1, 1), 1), new(1, "r", new(2, 1, 1), 1), new(2, "y", new(2, 1, 1), 2), new(3, "scores", new(2, 1, 1), 0)],
            [
                new ImageStep("images", 0), new PointwiseStep("seven", [0], 1, PointwiseOperation.Affine, Factor: [0, 0], Shift: [7, 7]), conv,
                new PointwiseStep("units", [2], 3, PointwiseOperation.Copy),
            ],
            3);
        // (20 - 15) * 0.5 + 1 + 3.5 = 7; (-10 - 12) * 0.25 - 2 + 3.5 = -4, bounded to 0; a level is worth 2.
        Assert.Equal([14f, 0f], new ReferenceExecutor(plan).Run([10, -3]));
    }

    public static TheoryData<string> Networks() => [.. TestGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Scores_are_those_of_the_fake_quantized_network(string name)
    {
        const int batch = 3;
        var (graph, layers) = TestGraphs.All[name];
        var network = RandomNetwork.Of(graph, seed: 11, layers: layers);
        var images = network.Images(batch, seed: 5);
        var scores = new ReferenceExecutor(network.Plan(batch)).Run(images);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var fake = network.FakeQuantized();
        var shape = graph.InputShape;
        var expected = fake.Forward(tensor(images, [batch, shape.Channels, shape.Height, shape.Width]), training: false).flatten().data<float>().ToArray();
        var error = Math.Sqrt(scores.Zip(expected, (a, b) => (double)(a - b) * (a - b)).Sum() / expected.Sum(value => (double)value * value));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: relative error {error:E1}");
        Assert.InRange(error, 0, 0.06);
    }

    [Fact]
    public void A_trained_network_predicts_what_its_fake_quantized_form_does()
    {
        var digits = TrainedDigits.Shared.Value;
        var scores = new ReferenceExecutor(digits.Network.Plan(digits.Images.Count)).Run(digits.Images.Pixels(0, digits.Images.Count));
        using var fake = digits.Network.FakeQuantized();
        var (engine, framework) = (Top1(digits.Predictions(scores)), Top1(Evaluator.Predict(fake, digits.Images, TestContext.Current.CancellationToken)));
        TestContext.Current.TestOutputHelper?.WriteLine($"top-1 of {digits.Images.Count} digits: engine {engine:P2}, framework {framework:P2}");
        Assert.InRange(engine, 0.9, 1);
        Assert.InRange(Math.Abs(engine - framework), 0, 0.001);

        double Top1(int[] predictions) => Scores.Top1(predictions, digits.Images.Labels);
    }

    [Fact]
    public void A_batch_gives_each_image_the_scores_it_has_alone()
    {
        var network = RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 2);
        var images = network.Images(4, seed: 8);
        var together = new ReferenceExecutor(network.Plan(4)).Run(images);
        var alone = images.Chunk(images.Length / 4).SelectMany(image => new ReferenceExecutor(network.Plan(1)).Run(image));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void A_residual_block_is_one_step_for_each_convolution()
    {
        var plan = RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 2).Plan(1);
        Assert.All(plan.Steps, step => Assert.True(step is ImageStep or ConvStep or AveragePoolStep, step.ToString()));
        Assert.Equal(["layer1.0.conv1+layer1.0.relu1", "layer1.0.conv2+layer1.0.add+layer1.0.relu2"], plan.Steps.Where(step => step.Name.StartsWith("layer1", StringComparison.Ordinal)).Select(step => step.Name));
        Assert.Equal(3, plan.Steps.OfType<ConvStep>().Count(conv => conv.Residual is not null));
    }

    [Fact]
    public void A_node_without_a_kernel_is_refused_by_name()
    {
        var builder = new GraphBuilder("input");
        var x = builder.Add(new Conv("conv", "input", "conv_out", 3, 8, Window.Square(1)));
        x = builder.Add(new AveragePool("mean", x, "mean_out", new Window(2, 2, 1, 1, 0, 0, 0, 0, 2, 2)));
        x = builder.Add(new GlobalAveragePool("pool", x, "pool_out"));
        x = builder.Add(new Flatten("flatten", x, "flatten_out"));
        var network = RandomNetwork.WithRangesOfOne(new("dilated", "input", new(3, 4, 4), x, builder.Nodes));
        var fault = Assert.Throws<NotSupportedException>(() => network.Plan(1));
        Assert.Contains("'mean'", fault.Message);
        Assert.Contains("dilation", fault.Message);
    }

    [Fact]
    public void A_sigmoid_is_right_to_the_last_bits()
    {
        for (var i = -200_000; i <= 200_000; i++)
        {
            var x = i / 2000f;
            var expected = 1 / (1 + Math.Exp(-(double)x));
            Assert.InRange(ExactSigmoid.Of(x) / expected, 1 - 3e-7, x < -87 ? 1e6 : 1 + 3e-7);
        }

        Assert.Equal([0.5f, 1f, 1f], [ExactSigmoid.Of(0), ExactSigmoid.Of(1e30f), ExactSigmoid.Of(float.PositiveInfinity)]);
        Assert.InRange(ExactSigmoid.Of(float.NegativeInfinity), 1e-38f, 2e-38f);
    }

    [Fact]
    public void Unsigned_quantizers_are_refused()
    {
        var network = RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 2);
        var unsigned = network with { Placement = QuantizerPlacement.Of(network.Graph, Dialect.Ort) };
        Assert.Contains("unsigned", Assert.Throws<InvalidDataException>(() => unsigned.Plan(1)).Message);
    }

    [Fact]
    public void A_batch_below_one_and_images_of_another_size_are_refused()
    {
        var network = RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 2);
        Assert.Contains("at least 1", Assert.Throws<ArgumentOutOfRangeException>(() => network.Plan(0)).Message);
        Assert.Contains("hold", Assert.Throws<ArgumentException>(() => new ReferenceExecutor(network.Plan(1)).Run(new float[7])).Message);
    }
}
