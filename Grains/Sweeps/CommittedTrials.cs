using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Sweeps;

/// <summary>Which variants of a plan are done when it is submitted.</summary>
internal sealed class CommittedTrials(ResultIndex results, IArtifactStore artifacts)
{
    private const int AtOnce = 500;

    /// <summary>The variants that have a result.</summary>
    /// <param name="keyOf">Key of a variant's result.</param>
    public async Task<HashSet<VariantId>> Known(ImmutableArray<PlannedVariant> plan, Func<VariantId, string> keyOf)
    {
        var variants = plan.Select(trial => trial.Variant).Distinct().ToArray();
        var found = await results.Look([.. variants.Select(keyOf)]);
        return [.. variants.Where((_, i) => found[i] is not null)];
    }

    /// <summary>
    /// Those of them whose artifacts are there; the others run again, which serves what is whole and makes what is lost. What a variant still to run starts from
    /// or is compared with is read in full; of the rest only that the files are there.
    /// </summary>
    /// <returns>The variants that are done, and of those that are not but were: a trial and the file that is missing or damaged.</returns>
    public async Task<(HashSet<VariantId> Done, List<(PlannedVariant Trial, string File)> Lost)> Whole(ImmutableArray<PlannedVariant> plan, Func<VariantId, string> keyOf)
    {
        var (done, needed) = (new HashSet<VariantId>(), new HashSet<VariantId>());
        var lost = new List<(PlannedVariant Trial, string File)>();

        // A trial comes after those it needs, so one pass from the end sees each after all that need it.
        foreach (var window in plan.Reverse().Chunk(AtOnce))
        {
            var found = await results.Look([.. window.Select(trial => keyOf(trial.Variant))]);
            foreach (var (trial, result) in window.Zip(found))
            {
                if (result is not null && !done.Contains(trial.Variant))
                {
                    if (Missing(result, needed.Contains(trial.Variant)) is { } missing)
                        lost.Add((trial, artifacts.Locate(missing)));
                    else
                        done.Add(trial.Variant);
                }

                if (!done.Contains(trial.Variant) && trial.Parent >= 0)
                    needed.UnionWith([plan[trial.Parent].Variant, plan[trial.Dense].Variant]);
            }
        }

        return (done, lost);
    }

    private string? Missing(VariantResult result, bool needed) => result.Stages
        .SelectMany(stage => stage.Artifacts.Values).Distinct()
        .FirstOrDefault(hash => needed ? !artifacts.Holds(hash) : !artifacts.Exists(hash));
}
