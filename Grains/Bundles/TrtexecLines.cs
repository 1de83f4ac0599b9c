using System.Globalization;
using System.Text;

namespace SparseGrid.Grains.Bundles;

/// <summary>Commands of TensorRT's trtexec that build and time an engine of a bundle's file, for each version whose options differ; <c>trtexec.txt</c> of a bundle.</summary>
/// <remarks>From TensorRT's documented options (sampleOptions of NVIDIA/TensorRT 8.6, 10 and 11). No such line was ever run here.</remarks>
internal static class TrtexecLines
{
    private const int LargestBatch = 64;

    /// <summary>The file's text.</summary>
    /// <param name="dialect">Form of a quantized file; null for float.</param>
    /// <param name="sparse">True where layers were pruned to 2:4.</param>
    /// <param name="batch">Images a call that the file fixes; null where it takes any number.</param>
    /// <param name="usual">Images a call that an engine of any number is tuned for.</param>
    public static string Text(string model, string? dialect, bool sparse, int? batch, int usual, Preprocessing images)
    {
        var text = new StringBuilder("""
            trtexec lines for this file. They are written from the documented options of each version of TensorRT and were NEVER RUN by the program that wrote
            them: hold accuracy and time against your own measurement.


            """.ReplaceLineEndings("\n"));
        if (dialect is not (null or "tensorrt"))
        {
            return text.Append(string.Create(CultureInfo.InvariantCulture, $"""
                There is no line for {model}: it is quantized in the dialect {dialect}, whose unsigned activations or integer biases TensorRT's parser does not take
                (it takes int8 with zero point 0, and float biases). Quantize with `quantize: {"{"} dialect: tensorrt {"}"}` in the spec, and export that variant.

                """).ReplaceLineEndings("\n")).ToString();
        }

        string Shape(int count) => string.Create(CultureInfo.InvariantCulture, $"{images.Input}:{count}x{images.ChannelCount}x{images.Height}x{images.Width}");
        var range = batch is null ? $" --minShapes={Shape(1)} --optShapes={Shape(usual)} --maxShapes={Shape(Math.Max(LargestBatch, usual))}" : "";
        var load = $"trtexec --loadEngine=model.plan{(batch is null ? $" --shapes={Shape(usual)}" : "")} --warmUp=500 --duration=10 --percentile=99";
        var int8 = dialect is null ? "" : " --int8";
        var sparsity = sparse ? " --sparsity=enable" : "";
        string Build(string types) => $"trtexec --onnx={model} --saveEngine=model.plan --skipInference{types}{sparsity}{range}";
        const string Quiet = " --noDataTransfers --useCudaGraph --useSpinWait";

        text.Append(string.Create(CultureInfo.InvariantCulture, $"""
            TensorRT 8.6
              {Build(int8)}
              {load}{Quiet}

            TensorRT 10, types chosen by the builder{(dialect is null ? "" : " (--int8 is deprecated from 10.12 on; prefer the next)")}
              {Build(int8)}
              {load}{Quiet}

            TensorRT 10, strongly typed: types as the file has them
              {Build(" --stronglyTyped")}
              {load}{Quiet}

            TensorRT 11: always strongly typed, options of types are gone; copies are left out of the time, CUDA graph and spin wait are on by themselves
              {Build("")}
              {load}

            Notes
            - Compare "GPU Compute Time". Throughput counts calls: times the images a call.
            - Float layers use TF32 on GPUs that have it; --noTF32 keeps them in FP32.

            """).ReplaceLineEndings("\n"));
        if (dialect is not null)
            text.Append("- Do not give --calib: the ranges are in the file, in its QuantizeLinear nodes. --fp16 (8.6, and 10 where not strongly typed) lets layers in float run in half precision.\n");
        if (sparse)
            text.Append("- --sparsity=enable lets the builder take sparse kernels; which layers got one stands in the build's log, lines that start with (Sparsity). Never give --sparsity=force: it changes weights.\n");
        return text.ToString();
    }
}
