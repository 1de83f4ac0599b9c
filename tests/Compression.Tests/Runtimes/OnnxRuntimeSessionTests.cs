using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Runtimes;

public sealed class OnnxRuntimeSessionTests
{
    private static readonly LayerGraph Graph = ResNet.Build("resnet8", new(1, 8, 8), 10);

    [Fact]
    public void A_batch_gives_the_scores_of_its_images_one_by_one()
    {
        using var session = OnnxRuntimeSession.Load(Export(new()));
        var images = TestNetwork.Normal(3 * 64, seed: 1);
        var scores = session.Run(images, 3);
        Assert.Equal(30, scores.Length);
        for (var image = 0; image < 3; image++)
        {
            var alone = session.Run(images.AsSpan(image * 64, 64), 1);
            Assert.All(alone.Zip(scores.Skip(image * 10)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void The_same_images_give_the_same_bits_again()
    {
        var images = TestNetwork.Normal(5 * 64, seed: 2);
        using var first = OnnxRuntimeSession.Load(Export(new()));
        using var second = OnnxRuntimeSession.Load(Export(new()));
        Assert.Equal(first.Run(images, 5), first.Run(images, 5));
        Assert.Equal(first.Run(images, 5), second.Run(images, 5));
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused_with_the_runtime_s_reason()
    {
        var error = Assert.Throws<InvalidDataException>(() => OnnxRuntimeSession.Load([1, 2, 3, 4]));
        Assert.Contains($"ONNX Runtime {OnnxRuntimeSession.Version} cannot load these 4 bytes", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => OnnxRuntimeSession.Load(Export(new()).AsSpan(0, 5000).ToArray()));
        Assert.Throws<InvalidDataException>(() => OnnxRuntimeSession.Load([]));
    }

    [Fact]
    public void A_wrong_number_of_values_is_refused()
    {
        using var open = OnnxRuntimeSession.Load(Export(new()));
        Assert.Contains("64 values an image", Assert.Throws<ArgumentException>(() => open.Run(new float[63], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => open.Run([], 0));
        using var four = OnnxRuntimeSession.Load(Export(new(Batch: 4)));
        Assert.Throws<ArgumentException>(() => four.Run(new float[64], 1));
        Assert.Equal(40, four.Run(new float[256], 4).Length);
    }

    [Fact]
    public void Latency_has_as_many_samples_of_both_as_asked_for_and_tells_its_progress()
    {
        using var candidate = OnnxRuntimeSession.Load(Export(new()));
        using var baseline = OnnxRuntimeSession.Load(Export(new(BatchNorm: BatchNormForm.Keep)));
        var told = new List<int>();
        var samples = LatencyMeasurement.Measure(candidate, baseline, new float[128], batch: 2, warmupRuns: 2, runs: 7, told.Add, TestContext.Current.CancellationToken);
        Assert.Equal((7, 7, 7), (samples.Runs, samples.CandidateMs.Length, samples.BaselineMs.Length));
        Assert.All(samples.CandidateMs.Concat(samples.BaselineMs), milliseconds => Assert.True(milliseconds > 0));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], told);
        Assert.True(samples.CandidateMedianMs <= samples.CandidateP99Ms);
        Assert.Equal(samples.BaselineMs.Max(), samples.BaselineP99Ms);
    }

    [Fact]
    public void Latency_stops_when_it_is_told_to()
    {
        using var session = OnnxRuntimeSession.Load(Export(new()));
        using var stop = new CancellationTokenSource();
        var counted = 0;
        Assert.Throws<OperationCanceledException>(() => LatencyMeasurement.Measure(
            session, session, new float[64], 1, warmupRuns: 0, runs: 1000, done =>
            {
                counted = done;
                stop.Cancel();
            },
            stop.Token));
        Assert.Equal(10, counted);
    }

    private static byte[] Export(ExportOptions options) => OnnxExporter.Export(Graph, TestNetwork.Weights(Graph, seed: 1), options);
}
