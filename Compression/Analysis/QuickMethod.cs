namespace SparseGrid.Compression.Analysis;

/// <summary>An INT8 file by one calibration method.</summary>
/// <param name="Choice">On the images for choosing.</param>
/// <param name="Evaluation">On the others.</param>
/// <param name="Latency">Null where it was not measured.</param>
public sealed record QuickMethod(string Method, long Bytes, QuickFigures Choice, QuickFigures Evaluation, QuickLatency? Latency);
