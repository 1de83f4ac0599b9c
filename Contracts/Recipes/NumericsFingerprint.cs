namespace SparseGrid.Contracts.Recipes;

/// <summary>What decides a result's bits beside the recipe. GPU model, driver and times are provenance, not identity.</summary>
/// <param name="Version">This project's numerics version, raised by every change that alters results.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Precision">fp32.</param>
/// <param name="Executor">eager or script.</param>
/// <param name="Threads">Intra-op threads: another count gives other bits.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.numerics")]
public sealed record NumericsFingerprint(int Version, string Libtorch, string Device, string Precision, string Executor, int Threads);
