using SparseGrid.Compression.CudaInt8;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Origins;

/// <summary>What of a machine enters a stage's key, as far as the plan knows the machine: the same words that a silo of it gives.</summary>
internal static class PlannedEnvironment
{
    /// <summary>Runtime with its version and device fingerprint, for evaluate and measure; empty for every other stage.</summary>
    /// <param name="measure">The sweep's measurement: the plan's runtime and device are those that it is for.</param>
    /// <returns>Null where it depends on which machine evaluates: files of floats beside a GPU that measures.</returns>
    public static string? Of(Stage stage, PlanInputs inputs, MeasureSettings measure) => stage switch
    {
        EvaluateStage { Runtime: MeasureSettings.CudaInt8 } => CudaInt8Runtime.Numerics,
        EvaluateStage => measure.OnGpu ? null : $"{inputs.RuntimeVersion}; {inputs.DeviceFingerprint}",
        MeasureStage => measure.OnGpu ? $"{inputs.RuntimeVersion}; {inputs.DeviceFingerprint}" : $"{inputs.RuntimeVersion}; {inputs.DeviceFingerprint}; {measure.Threads} threads",
        _ => "",
    };
}
