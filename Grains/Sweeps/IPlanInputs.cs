using SparseGrid.Contracts.Spec;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Resolves what a plan depends on beside its spec, when it is planned.</summary>
public interface IPlanInputs
{
    /// <summary>Reads the data's digest and the versions in use.</summary>
    /// <exception cref="IOException">The data cannot be read.</exception>
    /// <exception cref="InvalidDataException">The data are not of the spec's format.</exception>
    /// <exception cref="Stages.StageFailedException">The device or runtime of the spec is not here.</exception>
    ValueTask<PlanInputs> For(SweepSpec spec);
}
