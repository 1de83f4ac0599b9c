using SparseGrid.Compression.CudaInt8;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>What of a machine enters a stage's key.</summary>
public static class StageEnvironment
{
    /// <summary>Runtime with its version and the fingerprint of its device, for evaluate and measure; empty for every other stage.</summary>
    /// <param name="runtime">Finds a runtime by its name; what it throws passes through.</param>
    public static string Of(Stage stage, Func<string, OfferedRuntime> runtime) => stage switch
    {
        // The engine's predictions are the same on every device; ONNX Runtime's INT8 kernels differ by processor, and not only in speed.
        EvaluateStage { Runtime: MeasureSettings.CudaInt8 } => CudaInt8Runtime.Numerics,
        EvaluateStage evaluate => Of(runtime(evaluate.Runtime)),
        MeasureStage { Settings: { OnGpu: true } measure } => Of(runtime(measure.Runtime)),
        MeasureStage { Settings: var measure } => $"{Of(runtime(measure.Runtime))}; {measure.Threads} threads",
        _ => "",
    };

    private static string Of(OfferedRuntime runtime) => $"{runtime.Version}; {runtime.Fingerprint}";
}
