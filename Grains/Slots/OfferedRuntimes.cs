using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>Looks up what a silo offers.</summary>
public static class OfferedRuntimes
{
    /// <summary>The runtime of that name.</summary>
    /// <exception cref="StageFailedException">The silo does not have it, or cannot use it; says why.</exception>
    public static OfferedRuntime Runtime(this SiloEnvironment environment, string name)
    {
        var found = environment.Runtimes.FirstOrDefault(runtime => runtime.Name == name)
            ?? throw new StageFailedException($"measure.runtime is '{name}', which this silo does not have; it has {string.Join(", ", environment.Runtimes.Select(runtime => runtime.Name))}.");
        return found.Missing is null ? found : throw new StageFailedException($"measure.runtime is '{name}', which cannot be used here: {found.Missing}");
    }
}
