namespace SparseGrid.Contracts.Spec;

/// <summary>One fault of a sweep spec.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line of the text, from 1; 0 where there is no text: a missing file.</param>
/// <param name="Path">The key: variants.ptq.calibrate.method; empty where the fault is not one key's.</param>
/// <param name="Message">The value, the rule, the fix; one line.</param>
public sealed record SpecProblem(string File, int Line, string Path, string Message)
{
    /// <summary>One line: <c>digits.sweep.yaml:14: variants.ptq.calibrate.methd: unknown key; did you mean 'method'?</c></summary>
    public override string ToString() => $"{File}{(Line > 0 ? $":{Line}" : "")}: {(Path.Length > 0 ? $"{Path}: " : "")}{Message}";
}
