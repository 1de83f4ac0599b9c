using System.Globalization;

namespace SparseGrid.Grains.Bundles;

/// <summary>The words of a bundle, for who gets it without knowing where it comes from; <c>README.txt</c>.</summary>
internal static class BundleText
{
    /// <summary>The file's text.</summary>
    public static string Of(BundleManifest manifest, Preprocessing images) => string.Create(CultureInfo.InvariantCulture, $"""
        A compressed image classifier, made and measured by SparseGrid.

        model.onnx               the network: input '{images.Input}' float32 [{(manifest.Model.Batch is { } batch ? $"{batch}" : "N")}, {images.ChannelCount}, {images.Height}, {images.Width}], output '{images.Output}' float32 scores [N, {images.Classes}], no softmax
        preprocessing.json       what to do to an image before
        check-inputs.safetensors, check-outputs.safetensors
                                 {manifest.Check.Images} test images as the network gets them, and its scores of them in {manifest.Check.Runtime}
        check.py                 compares the two on your machine: python3 check.py (needs numpy and onnxruntime)
        trtexec.txt              how an engine would be built with TensorRT; these lines were never run
        recipe.json              how the network was made; its SHA-256 is the variant's identity
        manifest.json            where it comes from, accuracy, latency, SHA-256 of each file

        Sweep {manifest.Source.Sweep}, variant {manifest.Source.Variant}, {Form(manifest)}, seed {manifest.Source.Seed}.
        Top-1 {100 * manifest.Test.Top1:0.00} % on {manifest.Test.Images} test images (95 % interval {100 * manifest.Test.Low:0.00} to {100 * manifest.Test.High:0.00}), {Points(manifest.Test.VersusDense)} points against the dense network.
        {Speed(manifest.Latency)}
        {Options(manifest)}
        """).ReplaceLineEndings("\n");

    private static string Speed(BundledLatency? latency) => latency is null
        ? "The sweep measured no latency."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Median {latency.MedianMs:0.000} ms a call of {latency.Batch}{(latency.Baseline is null ? $" on {Threads(latency.Threads)}" : "")}, {latency.SpeedUp:0.00}x {latency.Baseline ?? "dense FP32"}, on {latency.Device} ({latency.Versions}).");

    private static string Form(BundleManifest manifest) =>
        (manifest.Model.Dialect is { } dialect ? $"INT8 in the dialect {dialect}" : "FP32") + (manifest.Model.PrunedZeros is null ? "" : ", 2:4 sparse");

    private static string Points(double difference) => (100 * difference).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    private static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    private static string Options(BundleManifest manifest) => manifest.Check.SessionOptions.Keys.FirstOrDefault() switch
    {
        null => "",
        DeploymentBundle.FloatBiases =>
            $"In ONNX Runtime set {DeploymentBundle.FloatBiases} = 1, as in the sweep and in check.py: without it the runtime rounds biases that the file has in float, and some classes change.\n",
        var precise => $"On an x64 processor without VNNI set {precise} = 1 in ONNX Runtime, as check.py does: products of 8-bit integers can saturate there.\n",
    };
}
