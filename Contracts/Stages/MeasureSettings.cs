namespace SparseGrid.Contracts.Stages;

/// <summary>How latency is measured on the deployed file.</summary>
/// <param name="Runtime">onnxruntime.</param>
/// <param name="Batch">Images a call.</param>
/// <param name="Threads">Intra-op threads of the runtime.</param>
/// <param name="WarmupRuns">Calls before the clock counts.</param>
/// <param name="Runs">Counted calls, interleaved with as many of the baseline.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.measure")]
public sealed record MeasureSettings(string Runtime = "onnxruntime", int Batch = 1, int Threads = 1, int WarmupRuns = 50, int Runs = 300);
