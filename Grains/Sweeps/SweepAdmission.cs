using System.Collections.Concurrent;

namespace SparseGrid.Grains.Sweeps;

/// <summary>The sweeps that were submitted to this process. Where sweeps do not resume unasked, only these run.</summary>
public sealed class SweepAdmission
{
    private readonly ConcurrentDictionary<string, bool> asked = new(StringComparer.Ordinal);

    /// <summary>A sweep was submitted.</summary>
    public void Admit(string sweep) => asked[sweep] = true;

    /// <summary>True where it was.</summary>
    public bool Admits(string sweep) => asked.ContainsKey(sweep);
}
