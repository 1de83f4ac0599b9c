namespace SparseGrid.Grains.Slots;

/// <summary>What this silo runs stages with.</summary>
public interface IExecutionEnvironment
{
    /// <summary>cpu or cuda.</summary>
    string Device { get; }

    /// <summary>Makes sure that the device is there.</summary>
    /// <exception cref="Stages.StageFailedException">It is not; the message says what to do.</exception>
    void CheckDevice();

    /// <summary>Processor or GPU model, for people.</summary>
    string DeviceName { get; }

    /// <summary>Machine id and GPU UUID, or machine id and processor; part of the key of a measurement.</summary>
    string DeviceFingerprint { get; }

    /// <summary>Library versions, for provenance: libtorch 2.10.0, onnxruntime 1.31.1.</summary>
    string Versions { get; }

    /// <summary>Name and version of a runtime: onnxruntime 1.31.1; part of the keys of evaluations and measurements.</summary>
    /// <exception cref="Stages.StageFailedException">This silo does not have that runtime.</exception>
    string RuntimeVersion(string runtime);
}
