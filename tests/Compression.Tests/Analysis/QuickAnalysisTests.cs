using System.Text;
using System.Text.Json;
using SparseGrid.Compression.Analysis;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tests.Data;
using SparseGrid.Compression.Tests.Onnx;

namespace SparseGrid.Compression.Tests.Analysis;

public sealed class QuickAnalysisTests : TestFolder
{
    private const int Classes = 4;

    [Fact]
    public void Every_method_and_every_layer_is_evaluated_on_parts_that_share_no_image()
    {
        var result = Run();
        Assert.True(result.Complete);
        Assert.Equal(["max", "entropy", "percentile", "mse"], result.Methods.Select(method => method.Method));
        Assert.Equal(["conv1", "conv2", "fc"], result.Layers.Select(layer => layer.Layer));
        Assert.Equal((48, 12, 12, 24), (result.Images.Found, result.Images.Calibration, result.Images.Choice, result.Images.Evaluation));
        Assert.Equal((24, 24), (result.Model.SameClass, result.Model.Compared));
        Assert.Equal(0, result.Dense!.ScoreError);
        Assert.All(result.Methods, method => Assert.InRange(method.Evaluation.ScoreError, 1e-9, 0.1));
        Assert.All(result.Methods, method => Assert.InRange(method.Latency!.MedianMs, 1e-6, 1e4));
        // A layer by itself costs less than all of them.
        var best = result.Methods.Single(method => method.Method == result.Best);
        Assert.All(result.Layers, layer => Assert.InRange(layer.Figures.ScoreError, 1e-12, 2 * best.Choice.ScoreError));
    }

    [Fact]
    public void The_best_file_predicts_what_the_figures_and_the_changed_images_say()
    {
        var result = Run();
        var (pictures, labels) = Evaluated(result);
        using var session = OnnxRuntimeSession.Load(result.BestFile!);
        using var dense = OnnxRuntimeSession.Load(File.ReadAllBytes(In("net.onnx")));
        var (right, same, flipped) = (0, 0, new List<string>());
        foreach (var (name, label) in pictures.Zip(labels))
        {
            float[] pixels = [.. File.ReadAllBytes(In("images/" + name))[^(8 * 8)..].Select(pixel => pixel / 255f)];
            var (before, after) = (Best(dense.Run(pixels, 1)), Best(session.Run(pixels, 1)));
            right += after == label ? 1 : 0;
            same += after == before ? 1 : 0;
            if (after != before)
                flipped.Add($"{name} {label} {before} {after}");
        }

        var best = result.Methods.Single(method => method.Method == result.Best);
        Assert.Equal(right / 24.0, best.Evaluation.Top1!.Value, 1e-12);
        Assert.Equal(same / 24.0, best.Evaluation.Agreement, 1e-12);
        Assert.Equal(flipped.Order(), result.Flips.Select(flip => $"{flip.Image} {flip.Label} {flip.Before} {flip.After}").Order());
        Assert.All(result.Flips, flip => Assert.True(flip.MarginBefore >= 0 && flip.MarginAfter >= 0, flip.ToString()));
    }

    [Fact]
    public void The_best_method_is_the_best_on_the_images_to_choose_by()
    {
        var result = Run();
        var best = result.Methods.Single(method => method.Method == result.Best);
        Assert.All(result.Methods, method => Assert.True(
            best.Choice.Top1 > method.Choice.Top1 || (best.Choice.Top1 == method.Choice.Top1 && best.Choice.ScoreError <= method.Choice.ScoreError), method.Method));
    }

    [Fact]
    public void The_same_options_give_the_same_answer_but_for_latencies()
    {
        var (one, other) = (Run(), Run());
        Assert.Equal(Timeless(one), Timeless(other));
        Assert.Equal(one.BestFile, other.BestFile);
        Assert.NotEqual(Timeless(one), Timeless(Run(seed: 1)));
    }

    [Fact]
    public void Pictures_without_classes_are_judged_by_the_dense_networks()
    {
        Network();
        Directory.CreateDirectory(In("flat"));
        for (var i = 0; i < 16; i++)
            Write($"flat/{i:00}.pgm", i);
        var result = QuickAnalysis.Run(new(In("net.onnx"), In("flat"), LatencyRuns: 2), _ => { }, CancellationToken.None);
        Assert.False(result.Images.HasLabels);
        Assert.Null(result.Dense!.Top1);
        Assert.All(result.Methods, method => Assert.Null(method.Evaluation.Top1));
        Assert.All(result.Flips, flip => Assert.Null(flip.Label));
    }

    [Fact]
    public void Folders_are_classes_by_number_by_order_or_by_the_list()
    {
        Network();
        int[] Labels(string? list, params string[] folders)
        {
            var folder = $"by-{string.Join('-', folders)}";
            foreach (var (place, name) in folders.Index())
            {
                for (var i = 0; i < 8; i++)
                    Write($"{folder}/{name}/{i}.pgm", 8 * place + i);
            }

            if (list is not null)
                File.WriteAllText(In("labels.txt"), list);
            var images = PictureFolder.Read(new(In("net.onnx"), In(folder), Labels: list is null ? null : In("labels.txt")), new(1, 8, 8), Classes, _ => { }, CancellationToken.None);
            return images.HasLabels ? [.. images.Images.Labels.Distinct()] : [];
        }

        Assert.Equal([3, 1], Labels(null, "03", "1").OrderDescending());
        Assert.Equal([0, 1, 2, 3], Labels(null, "ant", "bee", "cat", "dog"));
        Assert.Equal([2, 0], Labels("bee\ncat\nant\ndog", "ant", "bee"));
        Assert.Empty(Labels(null, "ant", "bee"));
        Assert.Contains("has a folder 'fly', which is none of the 4 labels", Assert.Throws<InvalidDataException>(() => Labels("bee\ncat\nant\ndog", "ant", "fly")).Message);
        Assert.Contains("names 2 classes, and the network gives 4 scores", Assert.Throws<InvalidDataException>(() => Labels("bee\ncat", "bee", "cat")).Message);
    }

    [Fact]
    public void A_stop_leaves_what_was_done_by_then()
    {
        Network();
        Pictures();
        using var stop = new CancellationTokenSource();
        var result = QuickAnalysis.Run(Options(), progress => Cancel(progress.Phase == "layer conv2"), stop.Token);
        Assert.False(result.Complete);
        Assert.Equal(4, result.Methods.Length);
        Assert.Equal(["conv1"], result.Layers.Select(layer => layer.Layer));
        Assert.NotNull(result.BestFile);

        using var sooner = new CancellationTokenSource();
        result = QuickAnalysis.Run(Options(), progress => { if (progress.Phase == "evaluate entropy") sooner.Cancel(); }, sooner.Token);
        Assert.Equal(["max"], result.Methods.Select(method => method.Method));
        Assert.Equal("max", result.Best);
        Assert.Empty(result.Layers);

        void Cancel(bool now)
        {
            if (now)
                stop.Cancel();
        }
    }

    [Fact]
    public void Progress_grows_to_its_end()
    {
        Network();
        Pictures();
        var shares = new List<double>();
        QuickAnalysis.Run(Options(), progress => shares.Add(progress.Share), CancellationToken.None);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1], 1e-9);
    }

    [Fact]
    public void A_file_that_takes_a_fixed_number_of_images_is_compared_in_such_calls()
    {
        Network(batch: 5);
        Pictures();
        var result = QuickAnalysis.Run(Options(), _ => { }, CancellationToken.None);
        Assert.Equal((20, 20), (result.Model.SameClass, result.Model.Compared));
    }

    [Fact]
    public void A_file_that_is_quantized_already_is_taken_in_float_and_that_is_said()
    {
        var file = Run().BestFile!;
        File.WriteAllBytes(In("net.onnx"), file);
        var result = QuickAnalysis.Run(Options(), _ => { }, CancellationToken.None);
        Assert.Contains(result.Model.Notes, note => note.StartsWith("The file is quantized already", StringComparison.Ordinal));
        Assert.Equal(3, result.Layers.Length);
    }

    [Fact]
    public void Data_sets_are_read_as_specs_read_them()
    {
        Network();
        var lines = Enumerable.Range(0, 40).Select(i => string.Join(',', Pixels(i)) + $",{i % Classes}");
        File.WriteAllLines(In("images.csv"), lines);
        var result = QuickAnalysis.Run(new(In("net.onnx"), In("images.csv"), LatencyRuns: 2, MostImages: 32), _ => { }, CancellationToken.None);
        Assert.Equal((40, 8, 8, 16), (result.Images.Found, result.Images.Calibration, result.Images.Choice, result.Images.Evaluation));
        Assert.True(result.Images.HasLabels);
        Assert.Equal("unit", result.Images.Preprocessing);
    }

    [Fact]
    public void What_cannot_be_used_is_said_with_the_fix()
    {
        Network();
        string Refused(QuickOptions options) => Assert.Throws<InvalidDataException>(() => QuickAnalysis.Run(options, _ => { }, TestContext.Current.CancellationToken)).Message;
        Directory.CreateDirectory(In("empty"));
        Assert.Contains("holds no pictures; names of those end in .png", Refused(new(In("net.onnx"), In("empty"))));
        Assert.Contains("there is no such folder or file, and no data set of that name", Refused(new(In("net.onnx"), In("nowhere"))));
        Assert.Contains("there is no such file", Refused(new(In("no.onnx"), In("empty"))));
        for (var i = 0; i < 5; i++)
            Write($"few/{i}.pgm", i);
        Assert.Contains("There are 5 images: 8 are the fewest", Refused(new(In("net.onnx"), In("few"))));
        for (var i = 5; i < 12; i++)
            Write($"few/{i}.pgm", i);
        Assert.Contains("calibration is 11, but there are 12 images", Refused(new(In("net.onnx"), In("few"), Calibration: 11)));
        Assert.Contains("mean is 1,2: that are 2 numbers, and the network takes 1x8x8", Refused(new(In("net.onnx"), In("few"), Mean: "1,2")));
        Assert.Contains("std is 0: pixels from 0 to 1 are divided by it", Refused(new(In("net.onnx"), In("few"), Std: "0")));
        File.WriteAllText(In("few/3.pgm"), "P5 9 9 255\nxx");
        Assert.Contains("3.pgm: holds 2 bytes of samples", Refused(new(In("net.onnx"), In("few"))));
        Assert.Contains("shape is 8x8: give channels, rows and columns", Refused(new(In("net.onnx"), In("few"), Shape: "8x8")));
        Assert.Contains("holds pictures (", Refused(new(In("net.onnx"), Mixed())));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused_with_the_layer()
    {
        var (graph, weights) = Parts();
        var broken = weights["conv2.weight"].Floats.ToArray();
        broken[5] = float.NaN;
        weights["conv2.weight"] = Compression.Tensors.HostArray.Of(broken, 8, 8, 3, 3);
        File.WriteAllBytes(In("net.onnx"), OnnxExporter.Export(graph, weights, new()));
        Pictures();
        var message = Assert.Throws<InvalidDataException>(() => QuickAnalysis.Run(Options(), _ => { }, CancellationToken.None)).Message;
        Assert.Contains("gives a score of NaN on these images", message);
    }

    [Fact]
    public void Own_means_and_deviations_take_the_place_of_the_presets()
    {
        Network();
        Pictures();
        var plain = PictureFolder.Read(Options(), new(1, 8, 8), Classes, _ => { }, CancellationToken.None);
        var own = PictureFolder.Read(Options() with { Mean = "0.25", Std = "0.5" }, new(1, 8, 8), Classes, _ => { }, CancellationToken.None);
        Assert.Equal(plain.Images.Pixels(3, 2).Select(pixel => (pixel - 0.25f) / 0.5f), own.Images.Pixels(3, 2));
        Assert.Equal("unit with mean 0.25 and std 0.5", own.Preprocessing);
    }

    private QuickResult Run(int seed = 0)
    {
        Network();
        Pictures();
        return QuickAnalysis.Run(Options() with { Seed = seed }, _ => { }, CancellationToken.None);
    }

    private QuickOptions Options() => new(In("net.onnx"), In("images"), LatencyRuns: 3);

    private (string[] Names, int[] Labels) Evaluated(QuickResult result)
    {
        var images = PictureFolder.Read(Options(), new(1, 8, 8), Classes, _ => { }, CancellationToken.None);
        var places = images.Split(null, result.Images.Seed).Evaluation;
        return ([.. places.Select(place => images.Names[place])], [.. places.Select(place => images.Images.Labels[place])]);
    }

    private string Mixed()
    {
        Write("mixed/a.pgm", 1);
        Write("mixed/sub/b.pgm", 2);
        return In("mixed");
    }

    private void Network(int? batch = null)
    {
        var (graph, weights) = Parts();
        File.WriteAllBytes(In("net.onnx"), OnnxExporter.Export(graph, weights, new(Batch: batch)));
    }

    private static (LayerGraph Graph, Dictionary<string, Compression.Tensors.HostArray> Weights) Parts()
    {
        var builder = new GraphBuilder("photo");
        builder.Add(new Conv("conv1", "photo", "c1", 1, 8, Window.Square(3, 1, 1), HasBias: true));
        builder.Add(new Relu("relu1", "c1", "r1"));
        builder.Add(new Conv("conv2", "r1", "c2", 8, 8, Window.Square(3, 2, 1), HasBias: true));
        builder.Add(new Relu("relu2", "c2", "r2"));
        builder.Add(new Flatten("flatten", "r2", "f"));
        builder.Add(new Gemm("fc", "f", "scores", 128, Classes));
        var graph = new LayerGraph("net", "photo", new(1, 8, 8), "scores", builder.Nodes);
        return (graph, TestNetwork.Weights(graph, 3));
    }

    private void Pictures()
    {
        for (var i = 0; i < 48; i++)
            Write($"images/{i % Classes}/{i:00}.pgm", i);
    }

    private void Write(string name, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllBytes(In(name), [.. Encoding.ASCII.GetBytes("P5 8 8 255\n"), .. Pixels(seed)]);
    }

    private static byte[] Pixels(int seed)
    {
        var pixels = new byte[64];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    private static int Best(float[] scores) => Array.IndexOf(scores, scores.Max());

    private static string Timeless(QuickResult result) => JsonSerializer.Serialize(result with { Methods = [.. result.Methods.Select(method => method with { Latency = null })] });
}
