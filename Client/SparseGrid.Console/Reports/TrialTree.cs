using System.Collections.Immutable;

namespace SparseGrid.Console.Reports;

/// <summary>Trials in the order of their tree: each parent before its children, siblings by index.</summary>
public static class TrialTree
{
    /// <summary>Every trial with its depth; one whose parent is not among them stands at the root.</summary>
    public static ImmutableArray<(T Trial, int Depth)> Order<T>(IReadOnlyList<T> trials, Func<T, int> index, Func<T, int> parent)
    {
        var known = trials.Select(index).ToHashSet();
        var children = trials.OrderBy(index).ToLookup(trial => known.Contains(parent(trial)) ? parent(trial) : -1);
        var ordered = ImmutableArray.CreateBuilder<(T, int)>(trials.Count);
        Visit(-1, 0);
        return ordered.ToImmutable();

        void Visit(int of, int depth)
        {
            foreach (var child in children[of])
            {
                ordered.Add((child, depth));
                Visit(index(child), depth + 1);
            }
        }
    }

    /// <summary>The last step of a path, indented by its depth: the steps before it are those of its parents, on the lines above.</summary>
    public static string Leaf(string path, int depth) => new string(' ', 2 * depth) + path.Split('/')[^1].Trim();
}
