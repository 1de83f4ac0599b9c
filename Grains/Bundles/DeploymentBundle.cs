using System.Collections.Immutable;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Stages.Runners;

namespace SparseGrid.Grains.Bundles;

/// <summary>
/// A variant's file with all that a third party needs to deploy and to check it: what to do to images, images with their scores, a script that compares,
/// TensorRT's command lines, and where it all comes from. The same variant gives the same bytes.
/// </summary>
public static class DeploymentBundle
{
    private const string Model = "model.onnx";
    private const string Inputs = "check-inputs.safetensors";
    private const string Outputs = "check-outputs.safetensors";
    private const string Manifest = "manifest.json";

    /// <summary>Option of ONNX Runtime that runs a quantized file with float biases as it says, in float.</summary>
    internal const string FloatBiases = "session.disable_quant_qdq";

    // Of the largest score. Float kernels sum in another order; an integer that rounds to the other side moves a score by a level or two.
    private const double FloatTolerance = 1e-4;
    private const double IntegerTolerance = 0.02;

    /// <summary>The files, the manifest last.</summary>
    /// <exception cref="InvalidDataException">The data are not those of the recipe, an artifact is lost or damaged, or the file does not predict what it did in the sweep.</exception>
    public static ImmutableArray<BundleFile> Make(BundleRequest request, IArtifactStore artifacts, DataCatalog data)
    {
        var (result, spec) = (request.Result, request.Spec);
        var test = data.For(spec.Data, result.Recipe.Data).Test;
        var hash = result.Artifact("onnx") ?? throw new InvalidDataException($"{request.Path} has no exported file: run the sweep again.");
        var onnx = artifacts.Get(hash);
        if (request.Batch is { } batch)
            onnx = ExportedBatch.Fix(onnx, batch);

        var export = result.Recipe.Stages.OfType<ExportStage>().Last();
        var dialect = export.Quantize is { } quantize ? Dialect.Named(quantize.Dialect) : null;
        var threads = result.Recipe.Numerics.Threads;
        CheckImages check;
        Preprocessing images;
        using (var session = Session(onnx, threads, dialect))
        {
            images = Preprocessing.Of(
                result.Recipe.Data, spec.Data.Format, session.InputName, session.OutputName, test.Shape.Channels, test.Shape.Height, test.Shape.Width, test.Classes);
            check = CheckImages.Of(session, test, request.Images, request.Batch);
        }

        RequireSamePredictions(request, check, Predicted(check, dialect, onnx, threads, test.Classes), artifacts);
        var sparse = result.Sparsity.Any(layer => layer.Pruned);
        ImmutableArray<BundleFile> files =
        [
            new(Model, onnx),
            new("preprocessing.json", BundleJson.Bytes(images)),
            new(Inputs, SafeTensors.Write(check.Inputs)),
            new(Outputs, SafeTensors.Write(check.Outputs)),
            new("check.py", Script()),
            new("trtexec.txt", Text(TrtexecLines.Text(Model, dialect?.Name, sparse, request.Batch, spec.Measure.Batch, images))),
            new("recipe.json", CanonicalJson.Bytes(result.Recipe)),
        ];

        var measured = result.Stages.LastOrDefault(stage => stage.Kind == "measure")?.Provenance;
        var latency = result.Latency;
        var manifest = new BundleManifest(
            BundleManifest.CurrentFormat,
            new(hash, request.Batch, export.Opset, dialect?.Name, sparse ? result.PrunedSparsity : null, onnx.Length),
            new(spec.Sweep, request.Path, result.Recipe.Kind, result.Variant.Value, result.Recipe.Parent?.Value, result.Recipe.Seed, result.Recipe.Data.Digest),
            Of(result.Validation), Of(result.Test),
            measured is null ? null : new(
                latency.Batch, latency.Threads, latency.Runs, latency.MedianMs, latency.P99Ms, latency.BaselineMedianMs, latency.SpeedUp, measured.Device, measured.Versions, latency.Baseline),
            new(
                (int)check.Outputs["predicted"].Count, dialect is null ? FloatTolerance : IntegerTolerance, threads, $"onnxruntime {OnnxRuntimeSession.Version}", OptionsOf(dialect)),
            []);
        files = files.Add(new("README.txt", Text(BundleText.Of(manifest, images))));
        return files.Add(new(Manifest, BundleJson.Bytes(manifest with { Files = [.. files.Select(file => new BundledFile(file.Name, file.Bytes.Length, Sha256.Of(file.Bytes)))] })));
    }

    /// <summary>Reads a written bundle back: each file has the bytes that the manifest says, and the file in it gives the scores in it, bit for bit.</summary>
    /// <returns>The manifest.</returns>
    /// <exception cref="InvalidDataException">A file is missing or changed, or a score differs.</exception>
    public static BundleManifest Check(string folder)
    {
        byte[] Read(string name) => File.Exists(Path.Combine(folder, name))
            ? File.ReadAllBytes(Path.Combine(folder, name))
            : throw new InvalidDataException($"{Path.Combine(folder, name)} is missing. Export the bundle again.");
        var manifest = BundleJson.Read<BundleManifest>(Read(Manifest), Path.Combine(folder, Manifest));
        foreach (var file in manifest.Files.Where(file => Sha256.Of(Read(file.Name)) != file.Sha256))
            throw new InvalidDataException($"{Path.Combine(folder, file.Name)} is not the file that {Manifest} names. Export the bundle again.");

        var images = SafeTensors.Read(Read(Inputs), Inputs)["images"];
        var expected = SafeTensors.Read(Read(Outputs), Outputs)["scores"];
        var count = (int)images.Shape[0];
        using var session = Session(Read(Model), manifest.Check.Threads, manifest.Model.Dialect is { } name ? Dialect.Named(name) : null);
        var scores = CheckImages.ScoresOf(session, images.Floats, count, manifest.Model.Batch ?? count);
        var apart = scores.Zip(expected.Floats.ToArray(), (own, other) => Math.Abs(own - other)).Max();
        if (!HostArray.Of(scores, scores.Length).Bytes.Span.SequenceEqual(expected.Bytes.Span))
            throw new InvalidDataException($"{Path.Combine(folder, Model)} gives other scores than it gave a moment ago, by up to {apart}. Export the bundle again.");
        return manifest;
    }

    private static OnnxRuntimeSession Session(byte[] onnx, int threads, Dialect? dialect) =>
        OnnxRuntimeSession.Load(onnx, threads, integerOperators: dialect is null || dialect.IntegerBias);

    // What a session here sets beside its defaults and its results depend on. Without VNNI 8-bit products can saturate; the second avoids that and changes nothing elsewhere.
    private static ImmutableSortedDictionary<string, string> OptionsOf(Dialect? dialect) => dialect switch
    {
        null => ImmutableSortedDictionary<string, string>.Empty,
        { IntegerBias: false } => ImmutableSortedDictionary<string, string>.Empty.Add(FloatBiases, "1"),
        _ => ImmutableSortedDictionary<string, string>.Empty.Add("session.x64quantprecision", "1"),
    };

    private static BundledAccuracy Of(Contracts.Results.Accuracy accuracy) => new(accuracy.Top1, accuracy.Top1Low, accuracy.Top1High, accuracy.Images, accuracy.Difference);

    // The bundle's scores are ONNX Runtime's, which every reader has; a file for the engine was evaluated by that, whose roundings differ now and then.
    private static long[] Predicted(CheckImages check, Dialect? dialect, byte[] onnx, int threads, int classes)
    {
        if (dialect != Dialect.CudaInt8)
            return check.Outputs["predicted"].Longs.ToArray();
        var count = check.Inputs["label"].Longs.Length;
        using var session = CudaInt8Session.OnProcessor(onnx, threads);
        var predicted = new int[count];
        Compression.Training.Scores.ArgMax(session.Run(check.Inputs["images"].Floats, count), classes, predicted);
        return Array.ConvertAll(predicted, value => (long)value);
    }

    // The bundle's images stand for the whole test split: its file has to do on them what the evaluated one did.
    private static void RequireSamePredictions(BundleRequest request, CheckImages check, ReadOnlySpan<long> predicted, IArtifactStore artifacts)
    {
        const string Role = "predictions_test";
        var hash = request.Result.Artifact(Role) ?? throw new InvalidDataException($"{request.Path} has no predictions of the test images: run the sweep again.");
        var evaluated = SafeTensors.Read(artifacts.Get(hash), $"artifact {hash[..12]}… ({Role})")["predicted"];
        var indexes = check.Inputs["index"].Longs;
        for (var i = 0; i < indexes.Length; i++)
        {
            if (evaluated.Longs[(int)indexes[i]] != predicted[i])
            {
                throw new InvalidDataException(
                    $"{request.Path} puts test image {indexes[i]} into class {predicted[i]} here, and into {evaluated.Longs[(int)indexes[i]]} in the sweep. "
                    + $"Was the sweep run on another machine or with another ONNX Runtime than {OnnxRuntimeSession.Version}? Run it again here.");
            }
        }
    }

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static byte[] Script()
    {
        using var stream = typeof(DeploymentBundle).Assembly.GetManifestResourceStream("check.py")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
