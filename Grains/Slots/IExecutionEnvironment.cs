using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>What this silo runs stages with.</summary>
public interface IExecutionEnvironment
{
    /// <summary>cpu or cuda.</summary>
    string Device { get; }

    /// <summary>What plans are made for; told to the broker.</summary>
    SiloEnvironment Offer { get; }

    /// <summary>Makes sure that the device is there.</summary>
    /// <exception cref="StageFailedException">It is not; the message says what to do.</exception>
    void CheckDevice();

    /// <summary>Processor or GPU model, for people.</summary>
    string DeviceName { get; }

    /// <summary>Machine id and processor.</summary>
    string DeviceFingerprint { get; }

    /// <summary>Library versions, for provenance: libtorch 2.10.0, onnxruntime 1.31.1.</summary>
    string Versions { get; }
}
