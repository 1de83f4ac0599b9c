using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Training;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>What this process runs stages with.</summary>
/// <param name="device">cpu or cuda.</param>
public sealed class ExecutionEnvironment(string device) : IExecutionEnvironment
{
    /// <inheritdoc/>
    public string Device => device;

    /// <inheritdoc/>
    public void CheckDevice()
    {
        try
        {
            ComputeDevice.Named(device);
        }
        catch (ArgumentException missing)
        {
            throw new StageFailedException(missing.Message, missing);
        }
    }

    /// <inheritdoc/>
    public string DeviceName => device == "cuda" && GpuDevice.Models is [var gpu, ..] ? $"{gpu}; {CpuDevice.Current.Model}" : CpuDevice.Current.Model;

    /// <inheritdoc/>
    public string DeviceFingerprint => CpuDevice.Current.Fingerprint;

    /// <inheritdoc/>
    public string Versions => $"libtorch {ComputeDevice.LibtorchVersion}, {RuntimeVersion("onnxruntime")}, .NET {Environment.Version}";

    /// <inheritdoc/>
    public string RuntimeVersion(string runtime) => runtime == "onnxruntime"
        ? $"onnxruntime {OnnxRuntimeSession.Version}"
        : throw new StageFailedException($"measure.runtime is '{runtime}', which this silo does not have; it has onnxruntime.");
}
