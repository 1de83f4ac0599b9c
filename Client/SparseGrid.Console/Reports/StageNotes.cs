using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>What stages had to remark, each remark once however many variants share it.</summary>
public static class StageNotes
{
    /// <summary>The lines. Layers that stay dense are left to <see cref="NotPruned"/>, diverged trainings to the lines that name them.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<TrialRow> rows) => rows
        .Where(row => row.Result is not null)
        .SelectMany(row => row.Result!.Stages)
        .Where(stage => stage.Kind != "prune" && stage.Numbers.GetValueOrDefault("diverged") == 0)
        .SelectMany(stage => stage.Notes)
        .Distinct()
        .Select(note => $"note  {Words.OneLine(note)}");

    /// <summary>What the diverged stages of a variant said of it; a general sentence where they said nothing.</summary>
    public static string OfDivergence(VariantResult result)
    {
        var stages = result.Stages.Where(stage => stage.Numbers.GetValueOrDefault("diverged") > 0);
        var said = string.Join(' ', stages.SelectMany(stage => stage.Notes).Distinct());
        return said.Length > 0 ? Words.OneLine(said) : "its training did not converge; its figures are those of a network that does not work.";
    }
}
