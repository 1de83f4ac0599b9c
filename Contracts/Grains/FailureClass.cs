namespace SparseGrid.Contracts.Grains;

/// <summary>Why a run failed, as far as it matters for what to do next. No failure is ever kept as a result.</summary>
[GenerateSerializer, Alias("sparsegrid.failure-class")]
public enum FailureClass
{
    /// <summary>A fault of the program, or one that nobody foresaw: the same run would fail in the same way.</summary>
    Code,

    /// <summary>Memory of the machine or of the GPU ran out.</summary>
    OutOfMemory,

    /// <summary>Weights or activations are NaN or infinite where a stage needs finite ones. A training that diverges is a result and not this.</summary>
    NotFinite,

    /// <summary>The device or its driver failed. The process can use it no more: it ends with code 70.</summary>
    Device,

    /// <summary>A stage made no progress for too long, or took longer than it may.</summary>
    Timeout,

    /// <summary>The run was stopped, or its silo was drained or lost.</summary>
    Preempted,

    /// <summary>Artifacts or records could not be written or read: a full disk, a store that cannot be reached.</summary>
    Storage,

    /// <summary>The data, the network or the settings cannot be used.</summary>
    BadInput,
}
