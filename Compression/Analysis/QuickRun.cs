using System.Collections.Immutable;
using SparseGrid.Compression.Data;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Statistics;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Analysis;

/// <summary>One analysis under way. What is found is kept as it is found, so that a stop leaves it.</summary>
internal sealed class QuickRun
{
    private const int MostPictures = 32;
    private static readonly ImmutableArray<CalibrationMethod> All = [CalibrationMethod.Max, CalibrationMethod.Entropy, CalibrationMethod.Percentile, CalibrationMethod.Mse];

    private readonly QuickOptions options;
    private readonly ImportedNetwork network;
    private readonly byte[] own;
    private readonly string sha256;
    private readonly AnalysisImages images;
    private readonly LabeledImages calibration;
    private readonly LabeledImages choice;
    private readonly LabeledImages evaluation;
    private readonly int[] evaluated;
    private readonly byte[] denseFile;
    private readonly QuickWork work;
    private readonly CancellationToken stop;
    private readonly List<(QuickMethod Row, byte[] File, FileScores Scores)> methods = [];
    private readonly List<LayerSensitivity> layers = [];
    private FileScores? denseChoice;
    private FileScores? denseEvaluation;
    private (int Same, int Compared)? sameClass;

    public QuickRun(
        QuickOptions options, ImportedNetwork network, byte[] own, string sha256, AnalysisImages images, Action<QuickProgress> progress, CancellationToken stop)
    {
        (this.options, this.network, this.own, this.sha256, this.images, this.stop) = (options, network, own, sha256, images, stop);
        var (first, second, third) = images.Split(options.Calibration, options.Seed);
        (calibration, choice, evaluation, evaluated) = (images.Images.At(first), images.Images.At(second), images.Images.At(third), third);
        denseFile = OnnxExporter.Export(network.Graph, network.Weights, new());
        var timed = 2.0 * options.LatencyBatch * (QuickOptions.WarmupRuns + options.LatencyRuns);
        work = new(
            progress,
            choice.Count + 2 * evaluation.Count + QuickQuantization.ImageCost * calibration.Count + All.Length * (choice.Count + evaluation.Count + timed)
            + (double)network.Graph.WeightedNodes.Count() * choice.Count);
    }

    /// <summary>Does all of it; false where it was stopped on the way.</summary>
    public bool RunToEnd()
    {
        try
        {
            using var dense = OnnxRuntimeSession.Load(denseFile, options.Threads);
            denseChoice = FileScores.Of(dense, choice, work.Images("evaluate dense"), stop);
            denseEvaluation = FileScores.Of(dense, evaluation, work.Images("evaluate dense"), stop);
            if (denseEvaluation.Values.FirstOrDefault(score => !float.IsFinite(score)) is not 0 and var broken)
                throw new InvalidDataException($"{options.Model} gives a score of {broken} on these images. Is the preprocessing right, and the file whole?");
            CompareWithOwnFile();

            var quantization = QuickQuantization.Calibrate(network, calibration, work.Images("calibrate", QuickQuantization.ImageCost), stop);
            foreach (var method in All)
                Evaluate(method, quantization.File(method), dense);
            foreach (var layer in network.Graph.WeightedNodes)
                Evaluate(layer, quantization.FileOfLayer(BestMethod, layer.Name));
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What there is by now.</summary>
    public QuickResult Result(bool complete)
    {
        var best = methods.Count == 0 ? default : Best();
        return new(
            complete,
            new(
                Path.GetFileName(options.Model), sha256, network.Graph.InputShape.ToString(), images.Images.Classes, network.Graph.WeightedNodes.Count(),
                GraphCost.Of(network.Graph).Parameters, denseFile.Length, sameClass?.Same, sameClass?.Compared ?? 0, Notes),
            new(
                images.Source, images.Found, calibration.Count, choice.Count, evaluation.Count, images.HasLabels, images.Preprocessing, options.Seed, images.ClassNames,
                images.Notes),
            denseEvaluation?.Against(denseEvaluation, LabelsOf(evaluation)),
            [.. methods.Select(method => method.Row)], best.Row?.Method, [.. layers], best.Row is null ? [] : Flips(best.Scores),
            new(
                CpuDevice.Current.Model, $"onnxruntime {OnnxRuntimeSession.Version}, libtorch {ComputeDevice.LibtorchVersion}, .NET {Environment.Version}", options.Threads,
                OnnxRuntimeSession.Caveat))
        {
            BestFile = best.File,
        };
    }

    private ImmutableArray<string> Notes => network.Quantization is null
        ? network.Notes
        : network.Notes.Add("The file is quantized already: dense is its network in float, and the ranges in the file are not used.");

    private CalibrationMethod BestMethod => Enum.Parse<CalibrationMethod>(Best().Row.Method, ignoreCase: true);

    // By the images held out for it: right classes where they are known, else the dense network's; then the smaller error of scores, then the order of methods.
    private (QuickMethod Row, byte[] File, FileScores Scores) Best() => methods
        .OrderByDescending(method => method.Row.Choice.Top1 ?? method.Row.Choice.Agreement)
        .ThenBy(method => method.Row.Choice.ScoreError)
        .First();

    private int[]? LabelsOf(LabeledImages part) => images.HasLabels ? part.Labels : null;

    private void CompareWithOwnFile()
    {
        using var session = OnnxRuntimeSession.Load(own, options.Threads);
        var batch = (int?)network.Batch;
        var scores = FileScores.Of(session, evaluation, work.Images("evaluate your file"), stop, batch);
        sameClass = (scores.Predicted.Zip(denseEvaluation!.Predicted).Count(pair => pair.First == pair.Second), scores.Predicted.Length);
    }

    private void Evaluate(CalibrationMethod method, byte[] file, OnnxRuntimeSession dense)
    {
        var name = method.ToString().ToLowerInvariant();
        using var session = OnnxRuntimeSession.Load(file, options.Threads);
        var chosen = FileScores.Of(session, choice, work.Images($"evaluate {name}"), stop).Against(denseChoice!, LabelsOf(choice));
        var scores = FileScores.Of(session, evaluation, work.Images($"evaluate {name}"), stop);
        var row = new QuickMethod(name, file.Length, chosen, scores.Against(denseEvaluation!, LabelsOf(evaluation)), Latency: null);
        methods.Add((row, file, scores));
        methods[^1] = (row with { Latency = Measure(name, session, dense) }, file, scores);
    }

    private QuickLatency Measure(string name, OnnxRuntimeSession session, OnnxRuntimeSession dense)
    {
        var size = evaluation.Shape.Count;
        var batch = new float[options.LatencyBatch * size];
        for (var i = 0; i < options.LatencyBatch; i++)
            evaluation.CopyTo(i % evaluation.Count, batch.AsSpan(i * size, size));
        var told = work.Calls($"time {name}", 2.0 * options.LatencyBatch * (QuickOptions.WarmupRuns + options.LatencyRuns), options.LatencyRuns);
        var samples = LatencyMeasurement.Measure(session, dense, batch, options.LatencyBatch, QuickOptions.WarmupRuns, options.LatencyRuns, told, stop);
        return new(
            options.LatencyBatch, options.Threads, samples.Runs, samples.CandidateMedianMs, samples.CandidateP99Ms, samples.BaselineMedianMs, samples.BaselineP99Ms);
    }

    private void Evaluate(Node layer, byte[] file)
    {
        using var session = OnnxRuntimeSession.Load(file, options.Threads);
        var scores = FileScores.Of(session, choice, work.Images($"layer {layer.Name}"), stop);
        layers.Add(new(layer.Name, string.Join('x', layer.Parameters.First().Shape), scores.Against(denseChoice!, LabelsOf(choice))));
    }

    private ImmutableArray<FlippedPicture> Flips(FileScores int8)
    {
        static long[] Longs(int[] values) => Array.ConvertAll(values, value => (long)value);
        var dense = denseEvaluation!;
        var flips = PredictionFlips.Of(Longs(LabelsOf(evaluation) ?? dense.Predicted), Longs(dense.Predicted), Longs(int8.Predicted)).Images;
        return [.. flips.Select((image, place) => Flip(image, dense, int8) with { Pixels = place < MostPictures ? PixelsOf(image) : null })];
    }

    private FlippedPicture Flip(int image, FileScores dense, FileScores int8)
    {
        var (before, after, classes) = (dense.Predicted[image], int8.Predicted[image], evaluation.Classes);
        double Score(FileScores scores, int label) => scores.Values[image * classes + label];
        return new(
            images.Names[evaluated[image]], LabelsOf(evaluation)?[image], before, after, Score(dense, before) - Score(dense, after), Score(int8, after) - Score(int8, before));
    }

    private FlippedPixels PixelsOf(int image)
    {
        var shape = evaluation.Shape;
        var plain = new float[shape.Count];
        evaluation.CopyPixelsTo(image, plain);
        return new([.. plain.Select(value => (byte)Math.Round(255 * Math.Clamp(value, 0f, 1f)))], shape.Channels, shape.Height, shape.Width);
    }
}
