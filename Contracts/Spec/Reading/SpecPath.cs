namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Paths in a spec: relative ones start at its folder.</summary>
internal static class SpecPath
{
    /// <summary>The whole path of a key's value; null where it is no path, with the problem added.</summary>
    public static string? Resolve(string key, string path, SpecValues values, SpecProblems problems, string baseFolder)
    {
        try
        {
            return Path.GetFullPath(Path.Combine(Path.GetFullPath(baseFolder), path));
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or NotSupportedException)
        {
            problems.Add(values.LineOf(key), key, $"is no path: {Spelling.Line(fault.Message)}");
            return null;
        }
    }
}
