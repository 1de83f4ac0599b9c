using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace SparseGrid.Compression.Runtimes;

/// <summary>An exported file loaded by ONNX Runtime on the processor: one operator at a time, all graph optimizations, no spinning threads.</summary>
/// <remarks>Equal input gives equal output, call after call, on one machine with one thread count.</remarks>
public sealed class OnnxRuntimeSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions runOptions = new();
    private readonly string input;
    private readonly string output;
    private readonly int[] inputShape;
    private readonly int imageSize;

    private OnnxRuntimeSession(InferenceSession session, int threads)
    {
        this.session = session;
        Threads = threads;
        (input, output) = (session.InputNames.Single(), session.OutputNames.Single());
        inputShape = session.InputMetadata[input].Dimensions;
        if (inputShape.Length < 2 || inputShape.Skip(1).Any(size => size < 1))
            throw new InvalidDataException($"The model's input '{input}' is [{string.Join(", ", inputShape)}]: all sizes but the batch must be fixed.");
        imageSize = inputShape.Skip(1).Aggregate((product, size) => product * size);
    }

    /// <summary>Version of the runtime: 1.31.1.</summary>
    public static string Version { get; } = OrtEnv.Instance().GetVersionString();

    /// <summary>What a reader of its numbers must know about this machine; null where there is nothing.</summary>
    public static string? Caveat => CpuDevice.Current.Caveat;

    /// <summary>Threads inside one operator.</summary>
    public int Threads { get; }

    /// <summary>Name of the model's input.</summary>
    public string InputName => input;

    /// <summary>Name of its output.</summary>
    public string OutputName => output;

    /// <summary>Loads a model.</summary>
    /// <param name="onnx">The file's bytes.</param>
    /// <param name="threads">Threads inside one operator, at least 1.</param>
    /// <param name="integerOperators">True lets the runtime turn quantized operators into integer kernels, for which it rounds float biases to integers. False
    /// computes what the file says, in float: right for files with float biases (<see cref="Quantization.Dialect.IntegerBias"/>), where the rounding changes
    /// about 2 predictions in 1,000 and the few operators that become integer ones cost more than they save.</param>
    /// <param name="optimizedModelPath">Where the runtime writes the graph that it will really run; null writes none.</param>
    /// <exception cref="InvalidDataException">The bytes are no model that the runtime can run, or not one with one image input and one output.</exception>
    public static OnnxRuntimeSession Load(byte[] onnx, int threads = 1, bool integerOperators = true, string? optimizedModelPath = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        if (!integerOperators)
            options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        if (Caveat is not null)
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
        if (optimizedModelPath is not null)
            options.OptimizedModelFilePath = optimizedModelPath;

        InferenceSession session;
        try
        {
            session = new InferenceSession(onnx, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidDataException(
                $"ONNX Runtime {Version} cannot load these {onnx.Length.ToString(CultureInfo.InvariantCulture)} bytes as a model: {exception.Message.Trim()}. " +
                "Export it again, or check it with onnx.checker.",
                exception);
        }

        try
        {
            if (session.InputNames.Count != 1 || session.OutputNames.Count != 1)
            {
                throw new InvalidDataException(
                    $"The model has {session.InputNames.Count} inputs ({string.Join(", ", session.InputNames)}) and {session.OutputNames.Count} outputs " +
                    $"({string.Join(", ", session.OutputNames)}); a classifier has one of each.");
            }

            return new OnnxRuntimeSession(session, threads);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Scores of a batch.</summary>
    /// <param name="images">[N, C, H, W], row-major.</param>
    /// <param name="batch">N.</param>
    /// <returns>[N, classes], row-major.</returns>
    /// <exception cref="ArgumentException">The values are not <paramref name="batch"/> images of the model's input shape.</exception>
    public float[] Run(ReadOnlySpan<float> images, int batch)
    {
        using var value = Input(images.ToArray(), batch);
        using var results = session.Run(runOptions, [input], [value], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Binds one batch for many timed calls: input and output stay where they are, so a call allocates nothing.</summary>
    internal BoundBatch Bind(ReadOnlySpan<float> images, int batch) =>
        new(session, runOptions, input, Input(images.ToArray(), batch), output);

    /// <inheritdoc/>
    public void Dispose()
    {
        runOptions.Dispose();
        session.Dispose();
    }

    private OrtValue Input(float[] images, int batch)
    {
        if (batch < 1 || images.Length != (long)batch * imageSize || (inputShape[0] > 0 && inputShape[0] != batch))
        {
            throw new ArgumentException(
                $"{images.Length} values were given as {batch} images, but the model's input '{input}' is [{string.Join(", ", inputShape)}] " +
                $"(-1 is any number): {imageSize} values an image.",
                nameof(images));
        }

        return OrtValue.CreateTensorValueFromMemory(images, [batch, .. inputShape.Skip(1).Select(size => (long)size)]);
    }
}
