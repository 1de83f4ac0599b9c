using System.Collections.Frozen;
using System.Collections.Immutable;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>What the text says, by key: one value, or several for a choice; absent keys with their defaults.</summary>
internal sealed class SpecValues
{
    private readonly Dictionary<string, ImmutableArray<object>> values = [];
    private readonly List<string> order = [];
    private readonly Dictionary<string, int> lines = [];

    /// <summary>Remembers where a key stands; also of a section.</summary>
    public void Place(string path, int line) => lines[path] = line;

    public void Set(string path, ImmutableArray<object> choices)
    {
        values[path] = choices;
        order.Add(path);
    }

    /// <summary>True where the text has the key.</summary>
    public bool Stands(string path) => lines.ContainsKey(path);

    /// <summary>Line of the key, or of the nearest section around it that the text has.</summary>
    public int LineOf(string path)
    {
        for (var key = path; ; key = key[..key.LastIndexOf('.')])
        {
            if (lines.TryGetValue(key, out var line))
                return line;
            if (!key.Contains('.', StringComparison.Ordinal))
                return 1;
        }
    }

    /// <summary>The one value of a key that is no choice.</summary>
    public T One<T>(string path) => (T)values[path].Single();

    /// <summary>All values of a key.</summary>
    public ImmutableArray<T> All<T>(string path) => [.. values[path].Cast<T>()];

    /// <summary>The value, or the default of its type where the key is absent and has none.</summary>
    public T? Maybe<T>(string path) => values.TryGetValue(path, out var choices) ? (T)choices.Single() : default;

    /// <summary>Combinations of the choices of a section, counted without making them.</summary>
    public double Combinations(string section) => Axes(section).Aggregate(1.0, (product, axis) => product * values[axis].Length);

    /// <summary>Every combination of the choices of a section, in the text's order, the last key fastest.</summary>
    public IEnumerable<SpecPoint> Points(string section)
    {
        var axes = Axes(section).ToList();
        var keys = axes.Select((axis, index) => (Key: axis[(section.Length + 1)..], index)).ToFrozenDictionary(axis => axis.Key, axis => axis.index);
        var count = (int)Combinations(section);
        for (var combination = 0; combination < count; combination++)
        {
            var point = new object[axes.Count];
            var rest = combination;
            for (var axis = axes.Count - 1; axis >= 0; axis--)
            {
                var choices = values[axes[axis]];
                point[axis] = choices[rest % choices.Length];
                rest /= choices.Length;
            }

            yield return new(keys, point);
        }
    }

    private IEnumerable<string> Axes(string section) => order.Where(path => path.StartsWith(section + ".", StringComparison.Ordinal));
}

/// <summary>One combination of a section's choices.</summary>
internal sealed class SpecPoint(FrozenDictionary<string, int> keys, object[] values)
{
    public int Whole(string key) => (int)values[keys[key]];

    public double Real(string key) => (double)values[keys[key]];

    public string Word(string key) => (string)values[keys[key]];

    /// <summary>Null where the key is absent and has no default.</summary>
    public string? MaybeWord(string key) => keys.TryGetValue(key, out var at) ? (string)values[at] : null;

    public bool Truth(string key) => (bool)values[keys[key]];
}
