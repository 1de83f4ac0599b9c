using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.CudaInt8.Reference;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>Whole networks on a GPU, bit for bit; these run where there is one.</summary>
[Collection(EnginesOnAGpu.Name)]
public sealed class CudaNetworkTests
{
    public static TheoryData<string> SmallNetworks() => [.. TestGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(SmallNetworks))]
    public void Every_step_gives_the_references_bits(string name)
    {
        using var device = Gpu.Require();
        EveryForm(name, device, new());
    }

    // For compute-sanitizer: the search runs whatever it can choose from, whichever kernels earlier builds settled on.
    [Theory]
    [MemberData(nameof(SmallNetworks))]
    public void Builds_without_a_cache_give_the_references_bits_with_every_tensor_apart(string name)
    {
        using var device = Gpu.Require();
        var folder = Directory.CreateTempSubdirectory().FullName;
        EveryForm(name, device, new(Cache: new(folder)) { TensorsApart = true });
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet34")]
    [InlineData("resnet50")]
    public void Large_networks_give_the_references_bits_for_one_image(string name)
    {
        using var device = Gpu.Require();
        var network = Large(name);
        var images = network.Images(1, seed: 5);
        foreach (var form in (ConvolutionForm[])[ConvolutionForm.Plain, ConvolutionForm.Dense, ConvolutionForm.TwoFour])
            EveryStep(network.Plan(1), images, device, new(form));

        // The other form of images: what float16 can hold, channels innermost.
        var halves = Array.ConvertAll(images, value => (Half)value);
        var expected = new ReferenceExecutor(network.Plan(1)).Run(Array.ConvertAll(halves, value => (float)value));
        using var engine = CudaInt8Engine.Build(network.Plan(1), device, new(Images: ImageForm.Float16ChannelsLast));
        var scores = new float[expected.Length];
        engine.Run(ChannelsLast(halves, 1, network.Graph.InputShape), scores);
        Assert.Equal(expected, scores);
    }

    [Theory]
    [InlineData("resnet18", 32)]
    [InlineData("resnet34", 32)]
    [InlineData("resnet34", 128)]
    [InlineData("resnet50", 32)]
    [InlineData("resnet50", 128)]
    public void Batches_give_the_bits_of_plain_kernels_and_of_single_images(string name, int batch)
    {
        using var device = Gpu.Require();
        var network = Large(name);
        var images = network.Images(batch, seed: 9);
        var plain = Scores(network.Plan(batch), ConvolutionForm.Plain);
        Assert.Equal(plain, Scores(network.Plan(batch), ConvolutionForm.TwoFour));
        Assert.Equal(plain, Scores(network.Plan(batch), ConvolutionForm.Dense));

        using var single = CudaInt8Engine.Build(network.Plan(1), device, new(ConvolutionForm.TwoFour));
        var alone = new float[plain.Length / batch];
        for (var image = 0; image < batch; image++)
        {
            single.Run(images.AsSpan(image * network.Graph.InputShape.Count, network.Graph.InputShape.Count), alone);
            Assert.Equal(plain[(image * alone.Length)..((image + 1) * alone.Length)], alone);
        }

        float[] Scores(ExecutionPlan plan, ConvolutionForm form)
        {
            using var engine = CudaInt8Engine.Build(plan, device, new(form));
            var scores = new float[batch * plan.Classes];
            engine.Run(images, scores);
            return scores;
        }
    }

    [Fact]
    public void Layers_of_one_shape_run_side_by_side_with_2_to_4_and_with_dense_weights()
    {
        const int batch = 3;
        var network = RandomNetwork.Of(ResNet.Build("resnet20", new ImageShape(3, 12, 12), 10, width: 32), seed: 11);
        var plan = network.Plan(batch);
        // Dense weights come before 2:4 ones of the same shape, or after.
        var mixed = Array.ConvertAll<string, ExecutionPlan>([".0.", ".2."], block =>
            plan with { Steps = [.. plan.Steps.Select(step => step is ConvStep conv && conv.Name.Contains(block, StringComparison.Ordinal) ? Filled(conv) : step)] });
        Assert.All(mixed, each => Assert.Contains(
            each.Steps.OfType<ConvStep>().GroupBy(conv => (conv.Geometry, conv.Residual is null)), same => same.DistinctBy(conv => conv.Weights.IsTwoFour(conv.Geometry.Input.Channels)).Count() == 2));

        using var device = Gpu.Require();
        foreach (var each in mixed)
        {
            foreach (var form in Enum.GetValues<ConvolutionForm>())
                EveryStep(each, network.Images(batch, seed: 5), device, new(form));
        }

        static ConvStep Filled(ConvStep conv) => conv with { Weights = conv.Weights with { Levels = [.. conv.Weights.Levels.Select((level, i) => level == 0 ? (sbyte)(i % 3 - 1) : level)] } };
    }

    [Fact]
    public void A_damaged_cache_is_made_again()
    {
        using var device = Gpu.Require();
        var folder = Directory.CreateTempSubdirectory().FullName;
        var network = RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 11);
        var images = network.Images(1, seed: 5);
        var expected = new ReferenceExecutor(network.Plan(1)).Run(images);
        for (var build = 0; build < 3; build++)
        {
            using (var engine = CudaInt8Engine.Build(network.Plan(1), device, new(Cache: new(folder))))
            {
                var scores = new float[expected.Length];
                engine.Run(images, scores);
                Assert.Equal(expected, scores);
            }

            var files = Directory.GetFiles(folder);
            Assert.Contains(files, file => file.EndsWith(".cubin", StringComparison.Ordinal));
            foreach (var file in files)
            {
                var whole = File.ReadAllBytes(file);
                File.WriteAllBytes(file, whole[..(build == 0 ? whole.Length / 2 : 0)]);
            }
        }
    }

    [Theory]
    [InlineData("resnet8")]
    [InlineData("wide resnet8")]
    public void A_second_build_runs_the_kernels_that_the_first_settled_and_measures_nothing(string name)
    {
        using var device = Gpu.Require();
        var folder = Directory.CreateTempSubdirectory().FullName;
        var network = RandomNetwork.Of(TestGraphs.All[name].Graph, seed: 11);
        var images = network.Images(2, seed: 5);
        var expected = new ReferenceExecutor(network.Plan(2)).Run(images);
        var first = Built();
        var settled = Assert.Single(Directory.GetFiles(folder, "*.network"));
        var files = Directory.GetFiles(folder).Order().Select(file => (file, File.GetLastWriteTimeUtc(file))).ToArray();
        Assert.Equal(first, Built());
        // A build that measures writes what it found.
        Assert.Equal(files, Directory.GetFiles(folder).Order().Select(file => (file, File.GetLastWriteTimeUtc(file))));

        var (cache, file) = (new EngineCache(folder), Path.GetFileName(settled));
        var forms = Encoding.ASCII.GetString(cache.Read(file)!).Split(' ')[0].Select(form => form == '1').ToArray();
        cache.Write(file, new NetworkChoice([.. forms], []).ToBytes());
        Assert.DoesNotContain(Built(), kernel => kernel.Contains("beside", StringComparison.Ordinal));
        // Every form turned: taken, or settled anew where a layer has no such form. The scores stay.
        cache.Write(file, new NetworkChoice([.. forms.Select(form => !form)], []).ToBytes());
        Built();

        string[] Built()
        {
            using var engine = CudaInt8Engine.Build(network.Plan(2), device, new(Cache: new(folder)));
            var scores = new float[expected.Length];
            engine.Run(images, scores);
            Assert.Equal(expected, scores);
            return [.. engine.Layers.Select(layer => layer.Kernel)];
        }
    }

    [Fact]
    public void A_trained_network_has_the_references_scores_for_every_digit()
    {
        using var device = Gpu.Require();
        var digits = TrainedDigits.Shared.Value;
        var plan = digits.Network.Plan(digits.Images.Count);
        var images = digits.Images.Pixels(0, digits.Images.Count);
        using var engine = CudaInt8Engine.Build(plan, device);
        var scores = new float[digits.Images.Count * plan.Classes];
        engine.Run(images, scores);
        Assert.Equal(new ReferenceExecutor(plan).Run(images), scores);
    }

    [Fact]
    public void Several_engines_and_threads_do_not_disturb_one_another()
    {
        using var device = Gpu.Require();
        var network = RandomNetwork.Of(TestGraphs.All["wide resnet8"].Graph, seed: 4);
        var images = Enumerable.Range(0, 4).Select(seed => network.Images(2, seed)).ToArray();
        var expected = images.Select(each => new ReferenceExecutor(network.Plan(2)).Run(each)).ToArray();
        using var shared = CudaInt8Engine.Build(network.Plan(2), device);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using var own = CudaInt8Engine.Build(network.Plan(2), device, new(i % 2 == 0 ? ConvolutionForm.Dense : ConvolutionForm.TwoFour));
            var scores = new float[expected[i].Length];
            for (var run = 0; run < 50; run++)
            {
                (run % 2 == 0 ? own : shared).Run(images[i], scores);
                Assert.Equal(expected[i], scores);
            }
        });
    }

    [Fact]
    public void Building_running_and_disposing_leaves_no_memory_behind()
    {
        using var device = Gpu.Require();
        var many = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1";
        Cycle(RandomNetwork.Of(TestGraphs.All["resnet8"].Graph, seed: 4), many ? 1000 : 60);
        Cycle(Large("resnet34"), many ? 20 : 4);

        void Cycle(RandomNetwork network, int times)
        {
            var plan = network.Plan(1);
            var images = network.Images(1, seed: 1);
            var scores = new float[plan.Classes];
            var free = new List<long>();
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < times; i++)
            {
                using (var engine = CudaInt8Engine.Build(plan, device))
                    engine.Run(images, scores);
                free.Add(device.FreeBytes);
            }

            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{times} cycles in {watch.Elapsed.TotalSeconds:0.0} s; from cycle {times / 3} to the last {(free[times / 3] - free[^1]) / 1024} KiB of the GPU's memory more in use");
            // The driver keeps some memory of its first uses; from then on nothing may grow. Two megabytes are its smallest piece.
            Assert.InRange(free[times / 3] - free[^1], long.MinValue, 2 << 20);
        }
    }

    [Fact]
    public void A_batch_too_large_for_the_gpu_is_told_with_the_bytes_it_needs()
    {
        using var device = Gpu.Require();
        var before = device.FreeBytes;
        var fault = Assert.Throws<CudaException>(() => CudaInt8Engine.Build(RandomNetwork.WithRangesOfOne(ResNet.Build("resnet18", new(3, 224, 224), 10)).Plan(400_000), device));
        Assert.Contains("400000 images", fault.Message);
        Assert.Contains("smaller batch", fault.Message);
        Assert.InRange(before - device.FreeBytes, long.MinValue, 32 << 20);
    }

    private static RandomNetwork Large(string name) => RandomNetwork.Of(ResNet.Build(name, new ImageShape(3, 224, 224), 1000), seed: 21);

    private static void EveryForm(string name, CudaDevice device, EngineOptions options)
    {
        const int batch = 5;
        var (graph, layers) = TestGraphs.All[name];
        var network = RandomNetwork.Of(graph, seed: 11, layers: layers);
        var images = network.Images(batch, seed: 5);
        foreach (var form in Enum.GetValues<ConvolutionForm>())
            EveryStep(network.Plan(batch), images, device, options with { Convolutions = form, AlwaysJoin = form == ConvolutionForm.TwoFour });
    }

    private static void EveryStep(ExecutionPlan plan, float[] images, CudaDevice device, EngineOptions options)
    {
        var expected = new Dictionary<int, List<byte[]>>();
        var reference = options.Convolutions == ConvolutionForm.Plain ? plan.Unfused() : plan;
        var scores = new ReferenceExecutor(reference).Run(images, (step, values) =>
        {
            if (!expected.TryGetValue(step.Output, out var list))
                expected[step.Output] = list = [];
            list.Add(values.Tensor.IsInteger ? MemoryMarshal.AsBytes(values.Levels.AsSpan()).ToArray() : MemoryMarshal.AsBytes(values.Floats.AsSpan()).ToArray());
        });
        using var engine = CudaInt8Engine.Build(plan, device, options);
        var at = new Dictionary<int, int>();
        engine.RunObserved(images, (step, bytes) =>
        {
            var turn = at[step.Output] = at.GetValueOrDefault(step.Output, -1) + 1;
            // Of a concatenation only the last part leaves the whole tensor written; before, the rest is what was there.
            if (turn < expected[step.Output].Count - 1)
                return;
            var (mine, theirs) = (bytes, expected[step.Output][turn]);
            var wrong = Enumerable.Range(0, mine.Length).Count(i => mine[i] != theirs[i]);
            Assert.True(wrong == 0, $"{plan.Name} {options.Convolutions}: step {step.Name} differs in {wrong} of {mine.Length} bytes");
        });

        var found = new float[scores.Length];
        engine.Run(images, found);
        Assert.Equal(scores, found);
    }

    private static Half[] ChannelsLast(Half[] images, int batch, ImageShape shape)
    {
        var moved = new Half[images.Length];
        for (var i = 0; i < images.Length; i++)
        {
            var (image, channel, pixel) = (i / shape.Count, i % shape.Count / (shape.Height * shape.Width), i % (shape.Height * shape.Width));
            moved[(image * shape.Height * shape.Width + pixel) * shape.Channels + channel] = images[i];
        }

        Assert.Equal(batch * shape.Count, images.Length);
        return moved;
    }
}
