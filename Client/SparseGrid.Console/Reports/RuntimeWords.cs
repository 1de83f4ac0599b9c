using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Console.Reports;

/// <summary>Which runtime did what in a sweep.</summary>
public static class RuntimeWords
{
    /// <summary>What evaluated the exported files: onnxruntime; or cuda-int8, files of floats in onnxruntime.</summary>
    public static string Evaluated(SweepSpec spec) => spec.Measure.OnGpu ? $"{spec.Measure.Runtime}, files of floats in {MeasureSettings.OnnxRuntime}" : spec.Measure.Runtime;

    /// <summary>What was timed beside the baseline, where that is not the exported file in the runtime itself; else null.</summary>
    public static string? Timed(SweepSpec spec) => spec.Measure is { OnGpu: true, Runs: > 0 }
        ? "Files of floats were timed in float16, as libtorch runs them on the GPU; their top-1 is that of the exported float32 file."
        : null;
}
