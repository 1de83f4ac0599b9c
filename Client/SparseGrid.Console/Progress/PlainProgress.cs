using System.Collections.Immutable;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Progress;

/// <summary>
/// Progress in plain lines: one when a stage starts, one when it ends, between them at most one in five seconds for each variant, and one for each
/// trial that has ended.
/// </summary>
/// <remarks>Stages that come and go between two looks at the status are not shown; the trials they end are.</remarks>
/// <param name="rows">Gives all rows of the sweep; asked of sweeps of up to 200 trials, at most once a second and at the end; null: never.</param>
public sealed class PlainProgress(TextWriter output, TimeProvider clock, Func<Task<ImmutableArray<TrialRow>>>? rows = null) : IProgressView
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);
    private readonly long started = clock.GetTimestamp();
    private readonly SortedDictionary<VariantId, Shown> shown = [];
    private readonly Lock writing = new();
    private readonly EndedTrials? ended = rows is null ? null : new(rows, clock);
    private string? trouble;

    /// <inheritdoc/>
    public async Task<SweepStatus> Show(IAsyncEnumerable<SweepStatus> statuses)
    {
        SweepStatus? last = null;
        await foreach (var status in statuses)
        {
            Update(status);
            foreach (var row in ended is null ? [] : await ended.Of(status))
                Write($"{row.Path} {ProgressWords.Ended(row)}");
            last = status;
        }
        return last ?? throw new InvalidOperationException("A watched sweep has at least one status.");
    }

    /// <summary>Writes what changed since the last status.</summary>
    public void Update(SweepStatus status)
    {
        var now = clock.GetTimestamp();
        if (status.Trouble != trouble)
            Write((trouble = status.Trouble) is null ? "the trouble is over" : Words.OneLine(trouble));
        foreach (var variant in status.Variants)
            Update(variant, now);
        foreach (var (id, gone) in shown.Where(entry => status.Variants.All(variant => variant.Variant != entry.Key)).ToArray())
        {
            Write($"{gone.Path}: {gone.Stage} ended after {Words.Clock(clock.GetElapsedTime(gone.Since, now))}; {ProgressWords.Counts(status)}");
            shown.Remove(id);
        }
    }

    /// <inheritdoc/>
    public void Say(string sentence) => Write(sentence);

    private void Update(RunningVariant variant, long now)
    {
        if (!shown.TryGetValue(variant.Variant, out var before) || before.Stage != variant.Stage)
        {
            if (before is not null)
                Write($"{variant.Path}: {before.Stage} ended after {Words.Clock(clock.GetElapsedTime(before.Since, now))}");
            Write($"{variant.Path}: {variant.Stage} started");
            shown[variant.Variant] = new(variant.Path, variant.Stage, Since: now, Spoke: now, variant.Done);
        }
        else if (variant.Done > before.Done && clock.GetElapsedTime(before.Spoke, now) >= Quiet)
        {
            Write($"{variant.Path}: {variant.Stage} {ProgressWords.Standing(variant)}");
            shown[variant.Variant] = before with { Spoke = now, Done = variant.Done };
        }
    }

    private void Write(string line)
    {
        lock (writing)
            output.WriteLine($"[{Words.Clock(clock.GetElapsedTime(started))}] {line}");
    }

    /// <summary>What was last said of a variant.</summary>
    private sealed record Shown(string Path, string Stage, long Since, long Spoke, double Done);
}
