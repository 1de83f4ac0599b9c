using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>What the silos that compute run stages with; a plan is made for one of them, wherever its coordinator lives.</summary>
public interface IComputeEnvironments
{
    /// <summary>What silos with that kind of device offer: this silo where it is one of them, else the first by name.</summary>
    /// <param name="kind">cpu or cuda.</param>
    /// <exception cref="Stages.StageFailedException">No such silo is up, or this one's device is missing; the message says what to do.</exception>
    ValueTask<SiloEnvironment> For(string kind);
}
