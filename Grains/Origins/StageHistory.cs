using SparseGrid.Contracts.Origins;

namespace SparseGrid.Grains.Origins;

/// <summary>What can be told of how a stage came to its record: made for this sweep, reused, or made again.</summary>
public static class StageHistory
{
    /// <summary>In words.</summary>
    /// <param name="origin">The variant.</param>
    /// <param name="index">The stage among <see cref="VariantOrigin.Stages"/>.</param>
    public static string Of(VariantOrigin origin, int index)
    {
        var stage = origin.Stages[index];
        if (stage.Record is not { Provenance: var made })
        {
            return stage.Key is not null ? "not made yet"
                : stage.Inputs.All(input => input.Hash is not null) ? "its key depends on the machine that makes it, and no result tells it yet"
                : "not made yet, and neither are its inputs";
        }

        // A dependant that is older than what it was made from: the record or an artifact of this stage was lost, and it was made again.
        var older = origin.Stages.FirstOrDefault(later => later.Record is { } record && record.Provenance.Started < made.Started && later.Inputs.Any(input => input.MadeBy == index));
        var how = made.Started >= origin.Submitted ? "made for this sweep" : "reused: made before this sweep was submitted";
        var again = older is null ? "" : $"; made again after {older.Kind} of {older.Path}, which takes from it: its record or an artifact had been lost";
        var lost = stage.Lost.IsEmpty ? "" : $"; missing now: {string.Join(", ", stage.Lost)}, so it runs again when it is needed";
        return how + again + lost;
    }
}
