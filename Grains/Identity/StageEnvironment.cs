using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>What of a machine enters a stage's key.</summary>
public static class StageEnvironment
{
    /// <summary>Runtime with its version and device fingerprint, for evaluate and measure; empty for every other stage.</summary>
    /// <param name="runtimeVersion">Name of a runtime to name and version.</param>
    public static string Of(Stage stage, Func<string, string> runtimeVersion, string deviceFingerprint) => stage switch
    {
        // The runtime's INT8 kernels differ by processor, and not only in speed.
        EvaluateStage evaluate => $"{runtimeVersion(evaluate.Runtime)}; {deviceFingerprint}",
        MeasureStage { Settings: var measure } => $"{runtimeVersion(measure.Runtime)}; {deviceFingerprint}; {measure.Threads} threads",
        _ => "",
    };
}
