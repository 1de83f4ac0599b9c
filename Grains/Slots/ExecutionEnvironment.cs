using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>What this process runs stages with.</summary>
/// <param name="device">cpu or cuda.</param>
public sealed class ExecutionEnvironment(string device) : IExecutionEnvironment
{
    private readonly Lazy<SiloEnvironment> offer = new(() => OfferOf(device));

    /// <inheritdoc/>
    public string Device => device;

    /// <inheritdoc/>
    public SiloEnvironment Offer => offer.Value;

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
    public string DeviceName => Offer.DeviceName;

    /// <inheritdoc/>
    public string DeviceFingerprint => CpuDevice.Current.Fingerprint;

    /// <inheritdoc/>
    public string Versions => $"libtorch {ComputeDevice.LibtorchVersion}, onnxruntime {OnnxRuntimeSession.Version}, .NET {Environment.Version}"
        + (device == "cuda" && CudaInt8Runtime.OfThisMachine is { Missing: null } here ? $", {here.Versions}" : "");

    private static SiloEnvironment OfferOf(string device)
    {
        var cpu = CpuDevice.Current;
        var onnx = new OfferedRuntime(MeasureSettings.OnnxRuntime, $"onnxruntime {OnnxRuntimeSession.Version}", cpu.Fingerprint);
        // On a processor the engine's reference evaluates; what is timed runs on silos with a GPU.
        if (device != "cuda")
            return new(cpu.Model, ComputeDevice.LibtorchVersion, [onnx, new(MeasureSettings.CudaInt8, CudaInt8Runtime.Version, cpu.Fingerprint)]);

        var engine = CudaInt8Runtime.OfThisMachine;
        var gpu = engine.Gpu ?? (GpuDevice.Models is [var model, ..] ? model : null);
        return new(
            gpu is null ? cpu.Model : $"{gpu}; {cpu.Model}", ComputeDevice.LibtorchVersion,
            [onnx, new(MeasureSettings.CudaInt8, CudaInt8Runtime.Version, engine.Fingerprint, engine.Missing)]);
    }
}
