using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>The faults found so far.</summary>
internal sealed class SpecProblems(string file)
{
    /// <summary>More than these help nobody; the rest is counted.</summary>
    private const int Most = 100;

    private readonly List<SpecProblem> problems = [];

    public bool Any => problems.Count > 0;

    /// <summary>How many were found so far.</summary>
    public int Count => problems.Count;

    /// <summary>In the order of the lines, the first hundred.</summary>
    public ImmutableArray<SpecProblem> All
    {
        get
        {
            var ordered = problems.OrderBy(problem => problem.Line).ToImmutableArray();
            return ordered.Length <= Most
                ? ordered
                : [.. ordered[..Most], new(file, ordered[Most].Line, "", $"and {ordered.Length - Most} more problems from this line on.")];
        }
    }

    public void Add(int line, string path, string message) => problems.Add(new(file, Math.Max(line, 1), path, message));
}
