using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Quantization;

public sealed class ActivationHistogramTests
{
    [Fact]
    public void The_first_batch_sets_the_width_and_its_maximum_falls_in_the_last_bin()
    {
        var histogram = new ActivationHistogram(256);
        histogram.Collect([0, -256, 0.5f, 1, -255.5f], "x");
        Assert.Equal((1f, 256f, 5L), (histogram.Width, histogram.Max, histogram.Total));
        Assert.Equal((2L, 1L, 2L), (histogram.Counts[0], histogram.Counts[1], histogram.Counts[255]));
        Assert.Equal((0f, 3f, 2.5f), (histogram.Edge(0), histogram.Edge(3), histogram.Centre(2)));
    }

    [Fact]
    public void A_larger_batch_appends_bins_of_the_same_width_and_a_smaller_one_keeps_them()
    {
        var histogram = new ActivationHistogram(256);
        histogram.Collect([256], "x");
        histogram.Collect([300.5f, 10.5f], "x");
        Assert.Equal((1f, 301), (histogram.Width, histogram.Counts.Length));
        Assert.Equal((1L, 1L, 1L), (histogram.Counts[10], histogram.Counts[255], histogram.Counts[300]));

        histogram.Collect([1.5f, 256], "x");
        Assert.Equal((301, 300.5f, 5L), (histogram.Counts.Length, histogram.Max, histogram.Total));
        Assert.Equal(1, histogram.Counts[256]);               // an edge that is no longer the last starts its own bin
    }

    [Fact]
    public void Zeros_before_the_first_other_value_are_counted()
    {
        var histogram = new ActivationHistogram(256);
        histogram.Collect(new float[1000], "x");
        Assert.Equal((0f, 0f, 1000L), (histogram.Width, histogram.Max, histogram.Total));
        histogram.Collect([2.56f], "x");
        Assert.Equal((1000L, 1L, 1001L), (histogram.Counts[0], histogram.Counts[255], histogram.Total));
    }

    [Fact]
    public void A_freak_batch_joins_bins_in_pairs_instead_of_growing_without_end()
    {
        var histogram = new ActivationHistogram(256);
        histogram.Collect(Enumerable.Range(0, 256).Select(i => i + 0.5f).Append(256).ToArray(), "x");
        histogram.Collect([1e6f, 1.5f], "x");
        Assert.Equal(259, histogram.Total);
        Assert.Equal((32f, 31_250), (histogram.Width, histogram.Counts.Length));
        Assert.Equal(33, histogram.Counts[0]);
        Assert.Equal(33, histogram.Counts[7]);                // 224 to 256, and the value that was on the last edge
        Assert.Equal(1, histogram.Counts[^1]);

        histogram.Collect([float.MaxValue], "x");
        Assert.Equal(260, histogram.Total);
        Assert.True(float.IsFinite(histogram.Edge(histogram.Counts.Length)));
    }

    [Fact]
    public void Values_too_small_for_a_normal_width_do_not_break_it()
    {
        var histogram = new ActivationHistogram(256);
        histogram.Collect([1e-45f, 1e-40f], "x");
        histogram.Collect([1f], "x");
        Assert.Equal((3L, 1f), (histogram.Total, histogram.Max));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Refuses_values_that_are_not_finite_names_the_activation_and_counts_nothing(float value)
    {
        var histogram = new ActivationHistogram();
        for (var at = 0; at < 40; at += 13)
        {
            var x = new float[40];
            x[at] = value;
            Assert.Contains("'layer1.relu_out'", Assert.Throws<ArgumentException>(() => histogram.Collect(x, "layer1.relu_out")).Message);
            using var batch = tensor(x);
            Assert.Throws<ArgumentException>(() => histogram.Collect(batch, "layer1.relu_out"));
        }

        Assert.Equal(0, histogram.Total);
    }

    [Fact]
    public void Bins_are_the_rounded_quotient_of_the_definition_on_random_batches_and_do_not_depend_on_later_ones()
    {
        var random = new Random(21);
        for (var round = 0; round < 20; round++)
        {
            var histogram = new ActivationHistogram(round % 2 == 0 ? 2048 : 1000);
            var all = new List<float>();
            for (var batch = 0; batch < 4; batch++)
            {
                var scale = Math.Exp(random.NextDouble() * 2);
                var x = Enumerable.Range(0, 777).Select(_ => (float)((random.NextDouble() * 2 - 1) * scale)).ToArray();
                all.AddRange(x);
                histogram.Collect(x, "x");
                if (batch == 0)
                    Assert.Equal(x.Max(MathF.Abs) / histogram.Counts.Length, histogram.Width);
            }

            var counts = new long[histogram.Counts.Length];
            foreach (var value in all)
                counts[Math.Min((int)MathF.Floor(Math.Abs(value) / histogram.Width), counts.Length - 1)]++;
            Assert.Equal(counts.Sum(), histogram.Total);
            Assert.True(counts.Zip(histogram.Counts.ToArray(), (a, b) => Math.Abs(a - b)).Sum() <= 2, "only a batch's own maximum may lie on an edge");
        }
    }

    [Fact]
    public void Growing_batch_by_batch_counts_as_one_pass_over_all_with_the_first_width()
    {
        // Values between edges, so that no maximum of a batch lies on one: then nothing depends on how the batches are cut.
        var random = new Random(23);
        for (var round = 0; round < 40; round++)
        {
            var bins = round % 2 == 0 ? 2048 : 300;
            var batches = Enumerable.Range(0, random.Next(1, 8)).Select(batch => Enumerable.Range(0, random.Next(1, 500))
                .Select(_ => (random.Next(0, batch == 0 ? bins - 1 : bins * 3) + 0.25f + (float)random.NextDouble() / 2) * (random.Next(0, 2) * 2 - 1) / bins).ToArray()).ToArray();
            batches[0] = [.. batches[0], 1];                  // width 1 / bins
            var grown = new ActivationHistogram(bins);
            foreach (var batch in batches)
                grown.Collect(batch, "x");
            var once = new ActivationHistogram(bins);
            once.Collect([1f], "x");
            once.Collect([.. batches.SelectMany(batch => batch).Where(value => value != 1)], "x");

            Assert.Equal(once.Counts.ToArray(), grown.Counts.ToArray());
            Assert.Equal((once.Width, once.Max, once.Total), (grown.Width, grown.Max, grown.Total));
        }
    }

    [Fact]
    public void Zeros_may_be_left_out_and_their_number_stays_known()
    {
        var values = new float[] { 0, -0f, 1, 0, -2, 0, 1e-30f };
        var (all, others) = (new ActivationHistogram(256), new ActivationHistogram(256, skipsZeros: true));
        foreach (var batch in (float[][])[new float[3], values, values])
        {
            all.Collect(batch, "x");
            others.Collect(batch, "x");
        }

        Assert.Equal((17L, 17L, 0L), (all.Total, all.Seen, all.ZerosSkipped));
        Assert.Equal((6L, 17L, 11L), (others.Total, others.Seen, others.ZerosSkipped));
        Assert.Equal(all.Counts[0] - 11, others.Counts[0]);
        Assert.Equal(all.Counts[1..].ToArray(), others.Counts[1..].ToArray());

        var read = ActivationHistogram.FromArrays(others.ToArrays("a/"), "a/");
        read.Collect(values, "x");
        using var x = tensor(values);
        others.CollectByOperators(x, "x");
        Assert.Equal(others.Counts.ToArray(), read.Counts.ToArray());
        Assert.Equal((9L, 15L), (read.Total, read.ZerosSkipped));

        var zeros = new ActivationHistogram(256, skipsZeros: true);
        zeros.Collect(new float[10], "x");
        Assert.Equal(0, SparseGrid.Compression.Quantization.Calibrators.ActivationCalibrator.Amax(zeros, CalibrationMethod.Entropy, 99, signed: true));
    }

    [Fact]
    public void Collecting_keeps_counts_and_never_a_batch()
    {
        var batch = new float[1 << 18];
        var histogram = new ActivationHistogram();
        void Collect(int i)
        {
            Array.Fill(batch, 1 + i % 50);
            histogram.Collect(batch, "x");
        }

        for (var i = 0; i < 50; i++)
            Collect(i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 50; i < 250; i++)
            Collect(i);

        // 200 batches of 1 MiB; what is kept is at most 32,768 counts of 8 bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.InRange(histogram.Counts.Length, 2048, 32_768);
        Assert.Equal(250L << 18, histogram.Total);
    }

    [Fact]
    public void A_tensor_of_any_shape_gives_what_its_values_give()
    {
        using var scope = NewDisposeScope();
        var x = randn([3, 5, 7, 2], generator: new Generator(4UL)).transpose(1, 3);
        var (fromTensor, fromSpan) = (new ActivationHistogram(), new ActivationHistogram());
        fromTensor.Collect(x, "x");
        fromSpan.Collect(x.contiguous().data<float>().ToArray(), "x");
        Assert.Equal(fromSpan.Counts.ToArray(), fromTensor.Counts.ToArray());
        Assert.Equal(210, fromTensor.Total);
    }

    [Fact]
    public void Tensor_operators_count_as_the_host_does_values_on_edges_included()
    {
        using var scope = NewDisposeScope();
        var random = new Random(22);
        var (byOperators, byHost) = (new ActivationHistogram(1000), new ActivationHistogram(1000));
        for (var batch = 0; batch < 5; batch++)
        {
            var width = byHost.Width == 0 ? 0.01f : byHost.Width;
            var x = Enumerable.Range(0, 5000).Select(i => i % 2 == 0 ? random.Next(0, 1200) * width : (float)(random.NextDouble() - 0.5) * 20).ToArray();
            if (batch == 0)
                x = new float[10];
            byHost.Collect(x, "x");
            byOperators.CollectByOperators(tensor(x), "x");
        }

        Assert.Equal(byHost.Counts.ToArray(), byOperators.Counts.ToArray());
        Assert.Throws<ArgumentException>(() => byOperators.CollectByOperators(tensor(new[] { 1, float.NaN }), "x"));
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var x = randn(8, 3).requires_grad_();
        using var turned = x.t();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new ActivationHistogram().Collect(turned, "x");
        new ActivationHistogram().CollectByOperators(turned, "x");
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Stored_and_read_back_it_is_the_same_and_goes_on_the_same()
    {
        var histogram = new ActivationHistogram(300);
        histogram.Collect([1, 2, 3.3f], "x");
        var file = SafeTensors.Write(histogram.ToArrays("relu.").ToDictionary(entry => entry.Key, entry => entry.Value));
        var restored = ActivationHistogram.FromArrays(SafeTensors.Read(file, "test"), "relu.");
        foreach (var each in (ActivationHistogram[])[histogram, restored])
            each.Collect([5, 0.1f], "x");
        Assert.Equal(histogram.Counts.ToArray(), restored.Counts.ToArray());
        Assert.Equal((histogram.Width, histogram.Max), (restored.Width, restored.Max));
    }

    [Fact]
    public void Refuses_stored_arrays_that_are_no_histogram()
    {
        var arrays = new ActivationHistogram().ToArrays("x.").ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Contains("'y.counts'", Assert.Throws<InvalidDataException>(() => ActivationHistogram.FromArrays(arrays, "y.")).Message);
        arrays["x.max"] = HostArray.Of([float.NaN], 1);
        Assert.Throws<InvalidDataException>(() => ActivationHistogram.FromArrays(arrays, "x."));
        arrays["x.max"] = HostArray.Of([1f], 1);              // a maximum without a width
        Assert.Throws<InvalidDataException>(() => ActivationHistogram.FromArrays(arrays, "x."));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(40_000)]
    public void Refuses_a_number_of_bins_that_8_bits_cannot_use(int bins) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ActivationHistogram(bins));
}
