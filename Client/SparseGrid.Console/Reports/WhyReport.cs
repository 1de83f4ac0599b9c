using System.Globalization;
using System.Text.Json.Nodes;
using SparseGrid.Contracts.Origins;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Origins;

namespace SparseGrid.Console.Reports;

/// <summary>Where variants come from, as text.</summary>
public static class WhyReport
{
    /// <summary>The tree of inputs of one variant: its stages and those it takes from, grouped by the variant that they belong to.</summary>
    /// <param name="former">The variant of that path before the sweep was submitted otherwise; null where there was none.</param>
    public static IEnumerable<string> Tree(VariantOrigin origin, VariantOrigin? former)
    {
        yield return $"{Named(origin)}: {origin.State.ToString().ToLowerInvariant()}{(origin.Reused ? ", its result was there before" : "")}";
        foreach (var line in Recipe(origin.Recipe))
            yield return line;

        for (var index = 0; index < origin.Stages.Length; index++)
        {
            var stage = origin.Stages[index];
            if (index == 0 || origin.Stages[index - 1].Path != stage.Path)
            {
                yield return "";
                yield return stage.Path;
            }

            foreach (var line in Stage(origin, index))
                yield return line;
        }

        if (former is null)
            yield break;

        yield return "";
        yield return FirstDifference.Between(origin, former) is { } difference
            ? $"Not as it was submitted before ({Time(former.Submitted)}), now → then: {difference.Told(origin, former)}. {Following(difference)}"
            : $"As it was submitted before ({Time(former.Submitted)}): the same stages.";
    }

    /// <summary>The first difference of two variants, and what follows from it.</summary>
    public static IEnumerable<string> Difference(VariantOrigin left, VariantOrigin right, FirstDifference? difference, TrialRow leftRow, TrialRow rightRow)
    {
        yield return $"left    {Named(left)}{Outcome(leftRow)}";
        yield return $"right   {Named(right)}{Outcome(rightRow)}";
        yield return "";
        if (difference is null)
        {
            yield return left.Variant == right.Variant
                ? "They are one variant, measured in the same way: nothing differs."
                : "No input of a stage differs: both take every stage from the same records.";
            yield break;
        }

        yield return $"First difference, left → right: {difference.Told(left, right)}.";
        yield return difference.Shared.IsEmpty ? "Shared: nothing." : $"Shared: {string.Join(", ", difference.Shared.Select(stage => $"{stage.Kind} of {stage.Path}"))}.";
        yield return Following(difference);
    }

    private static string Following(FirstDifference difference) => difference.Follows.IsEmpty
        ? "No stage of it has another key."
        : $"So {(difference.Follows.Length == 1 ? "this stage has a key of its own" : $"these {difference.Follows.Length} stages have keys of their own")}: {string.Join(", ", difference.Follows)}.";

    private static string Named(VariantOrigin origin) => $"{origin.Path} ({origin.Variant.Short}) of sweep {origin.Sweep}";

    private static string Outcome(TrialRow row) => row.Result is { } result
        ? $": top-1 {Words.Percent(result.Test.Top1)} %, median {Words.Fixed(result.Latency.MedianMs, 3)} ms"
        : $": {row.State.ToString().ToLowerInvariant()}";

    private static IEnumerable<string> Recipe(Recipe recipe)
    {
        var (data, numerics) = (recipe.Data, recipe.Numerics);
        yield return FormattableString.Invariant($"data      {data.Format}, digest {data.Digest[..12]}…, validation {data.Validation}, test {data.Test}, split seed {data.SplitSeed}");
        yield return $"model     {recipe.Model.Network}{(recipe.Model.Width > 0 ? $", width {recipe.Model.Width}" : "")}; seed {recipe.Seed}";
        yield return $"numerics  version {numerics.Version}, libtorch {numerics.Libtorch}, {numerics.Device}, {numerics.Precision}, {numerics.Executor}, {Words.Count(numerics.Threads, "thread")}";
    }

    private static IEnumerable<string> Stage(VariantOrigin origin, int index)
    {
        var stage = origin.Stages[index];
        var entering = JsonNode.Parse(stage.Enters)!.AsObject();
        yield return $"  {stage.Kind} {(stage.Key is { } key ? key[..12] : "(no key yet)")}";
        var parameters = string.Join(", ", Leaves(entering["stage"]!, "").Where(leaf => leaf.Name != "stage").Select(leaf => $"{leaf.Name} {leaf.Value}"));
        if (parameters.Length > 0)
            yield return $"    with  {parameters}";
        if (entering["environment"] is { } environment)
            yield return $"    in    {environment.GetValue<string>()}";
        foreach (var input in stage.Inputs)
            yield return $"    from  {input.Role} {(input.Hash is { } hash ? hash[..12] : "(not made yet)")}: {origin.Stages[input.MadeBy].Kind} of {origin.Stages[input.MadeBy].Path}";
        if (stage.Record is { Artifacts.IsEmpty: false } record)
            yield return $"    made  {string.Join(", ", record.Artifacts.Select(artifact => $"{artifact.Key} {artifact.Value[..12]}"))}";
        var by = stage.Record is { Provenance: var made }
            ? string.Create(CultureInfo.InvariantCulture, $", by {made.Silo}, {Time(made.Started)}, in {made.Duration.TotalSeconds:0.00} s ({made.Device})")
            : "";
        yield return $"    {StageHistory.Of(origin, index)}{by}";
    }

    private static IEnumerable<(string Name, string Value)> Leaves(JsonNode node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value!, path.Length == 0 || path == "settings" ? member.Key : $"{path}.{member.Key}")),
        JsonArray items => [(path, $"[{string.Join(", ", items.Select(item => item?.ToJsonString()))}]")],
        JsonValue value when value.TryGetValue<string>(out var text) => [(path, text)],
        _ => [(path, node.ToJsonString())],
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
