using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Origins;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Origins;

/// <summary>The first input, in the order in which stages are made, in which two variants differ, and what follows from it.</summary>
/// <param name="Left">The first stage of the left variant that is not also one of the right's; null where it has no more.</param>
/// <param name="Right">The same of the right one.</param>
/// <param name="Members">What enters the two stages differently, <c>finetune.settings.learning_rate: 0.02 → 0.05</c>; empty where they are different stages.</param>
/// <param name="Shared">Stages that both take from: one record each.</param>
/// <param name="Follows">Stages of the left variant that have keys of their own because of it, in order: finetune of dense/sparse.</param>
public sealed record FirstDifference(
    StageOrigin? Left, StageOrigin? Right, ImmutableArray<string> Members, ImmutableArray<StageOrigin> Shared, ImmutableArray<string> Follows)
{
    // What a reader looks for first; inputs differ only where a stage before did, or where one was made again with other bytes.
    private static readonly string[] Order = ["stage", "data", "format", "model", "numerics", "seed", "environment"];

    /// <summary>Compares two variants; null where every stage of theirs is the same.</summary>
    public static FirstDifference? Between(VariantOrigin left, VariantOrigin right)
    {
        var same = 0;
        while (same < left.Stages.Length && same < right.Stages.Length && AreSame(left.Stages[same], right.Stages[same]))
            same++;

        if (same == left.Stages.Length && same == right.Stages.Length)
            return null;

        var (mine, other) = (left.Stages.ElementAtOrDefault(same), right.Stages.ElementAtOrDefault(same));
        var keys = right.Stages.Select(stage => stage.Key).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new(
            mine, other, mine is null || other is null || mine.Kind != other.Kind ? [] : [.. MembersOf(mine, other)], [.. left.Stages.Take(same)],
            [.. left.Stages.Skip(same).Where(stage => stage.Key is null || !keys.Contains(stage.Key)).Select(stage => $"{stage.Kind} of {stage.Path}")]);
    }

    /// <summary>The difference in a sentence or two: where, both values.</summary>
    public string Told(VariantOrigin left, VariantOrigin right)
    {
        var after = Shared is [.., var last] ? $"After {last.Kind} of {last.Path}, which both take from" : "From the beginning";
        return Members is [var first, .. var more]
            ? $"{Left!.Kind} of {Left.Path}: {first}" + string.Concat(more.Select(member => $"; {member}"))
            : $"{after}: {Named(left, Left)}, {Named(right, Right)}";
    }

    private static string Named(VariantOrigin variant, StageOrigin? stage) => stage is null ? $"{variant.Path} has no more stages" : $"{variant.Path} has {stage.Kind} of {stage.Path}";

    private static bool AreSame(StageOrigin left, StageOrigin right) =>
        left.Key is not null && right.Key is not null ? left.Key == right.Key : left.Kind == right.Kind && !MembersOf(left, right).Any();

    private static IEnumerable<string> MembersOf(StageOrigin left, StageOrigin right)
    {
        var (mine, other) = (JsonNode.Parse(left.Enters)!, JsonNode.Parse(right.Enters)!);
        var members = Order.SelectMany(member => JsonDifference.Between(mine[member], other[member], member == "stage" ? left.Kind : member)).ToList();
        return members.Count > 0 ? members : InputsOf(left, right);
    }

    private static IEnumerable<string> InputsOf(StageOrigin left, StageOrigin right) =>
        from role in left.Inputs.Select(input => input.Role).Union(right.Inputs.Select(input => input.Role))
        let mine = left.Inputs.FirstOrDefault(input => input.Role == role)
        let other = right.Inputs.FirstOrDefault(input => input.Role == role)
        where mine?.Hash != other?.Hash
        select $"input {role}: {Short(mine)} → {Short(other)}";

    private static string Short(InputOrigin? input) => input is null ? "nothing" : input.Hash is { } hash ? $"{hash[..12]}…" : "not made yet";
}
