using System.CommandLine;
using System.Globalization;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Embedded;

namespace SparseGrid.Console.Commands;

/// <summary>The verbs that look into a grid, a cluster's or a folder's own, and their options: why, gc.</summary>
/// <param name="guarded">Runs a command; what goes wrong becomes one line and an exit code.</param>
internal sealed class FolderVerbs(
    Terminal terminal, TimeProvider clock, Func<EmbeddedSettings, Task<IGrid>> start, Option<string> folder, Func<ParseResult, string, Func<Task<ExitCode>>, Task<int>> guarded)
{
    private const string WhyExamples = """
        Examples:
          sparsegrid why digits "dense/sparse/ptq mse"     the tree of its inputs: stages, parameters, keys, artifacts, who made what and when
          sparsegrid why digits 4                          the same of a row's number, or of the first digits of an id
          sparsegrid why digits 4 9                        the first input in which two variants differ, and what follows from it
          sparsegrid why digits dense dense --in nightly   the same row of another sweep: seed, data, numerics, settings
        """;

    private const string GcExamples = """
        Examples:
          sparsegrid gc                              what no result and no sweep needs, with sizes; deletes nothing
          sparsegrid gc --delete                     deletes it; silos may run meanwhile
          sparsegrid gc --stale --delete             also results of specs that were changed since, and of sweeps that were forgotten
          sparsegrid gc --forget old --stale --delete   forgets sweep old, and deletes what it alone needs
          sparsegrid gc --folder grid --age 1.00:00:00  only what is a day old
        """;

    private readonly Option<string?> redis = RedisOption.Described("The Redis of a cluster of several machines.");

    private readonly Option<bool> json = new("--json") { Description = "Write one JSON document to standard output." };

    /// <summary>The verbs.</summary>
    public IEnumerable<Command> All() => [Why(), Gc()];

    private Command Why()
    {
        var sweep = new Argument<string>("SWEEP") { Description = "Name of the sweep." };
        var variant = new Argument<string>("VARIANT") { Description = "Path in the table, index, or first digits of the id." };
        var other = new Argument<string?>("OTHER") { Description = "A variant to compare it with.", Arity = ArgumentArity.ZeroOrOne };
        var otherSweep = new Option<string?>("--in") { Description = "The sweep that has OTHER; the same unless given.", HelpName = "SWEEP" };
        var why = new Command("why", "Show what a variant is made from, whether its stages were reused and why not, or in what it differs from another.")
        {
            sweep, variant, other, folder, redis, otherSweep, json,
        };
        CommandExamples.AddTo(why, WhyExamples);
        why.SetAction((parsed, _) => Guarded(parsed, stop => new WhyCommand(terminal, start).Run(
            new(ClusterOf(parsed), parsed.GetValue(sweep)!, parsed.GetValue(variant)!, parsed.GetValue(other), parsed.GetValue(otherSweep), parsed.GetValue(json)), stop)));
        return why;
    }

    private Command Gc()
    {
        var delete = new Option<bool>("--delete") { Description = "Delete it; without, it is only shown." };
        var stale = new Option<bool>("--stale") { Description = "Give up results that no sweep has any more, too." };
        var forget = new Option<string[]>("--forget") { Description = "Forget this sweep first; may be given several times. It must not be under way.", HelpName = "SWEEP" };
        var age = new Option<string>("--age")
        {
            Description = "Leave files alone that were written or used within this time, [days.]hours:minutes:seconds.", HelpName = "TIME", DefaultValueFactory = _ => GcArguments.UsualAge.ToString("c"),
        };
        age.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && (!TimeSpan.TryParseExact(token.Value, "c", CultureInfo.InvariantCulture, out var span) || span < TimeSpan.Zero))
                given.AddError($"--age is {token.Value}: give a time as [days.]hours:minutes:seconds, such as 01:00:00 or 7.00:00:00.");
        });
        var gc = new Command("gc", "Show the files of a grid's folder that no record needs, or delete them.") { folder, redis, delete, stale, forget, age, json };
        CommandExamples.AddTo(gc, GcExamples);
        gc.SetAction((parsed, _) => Guarded(parsed, stop => new GcCommand(terminal, start, clock).Run(
            new(
                ClusterOf(parsed), parsed.GetValue(delete), TimeSpan.ParseExact(parsed.GetValue(age)!, "c", CultureInfo.InvariantCulture), parsed.GetValue(stale), parsed.GetValue(forget) ?? [],
                parsed.GetValue(json)),
            stop)));
        return gc;
    }

    private Task<int> Guarded(ParseResult parsed, Func<CancellationToken, Task<ExitCode>> run) =>
        guarded(parsed, parsed.GetValue(folder)!, () => Interruptible.Run(terminal, run));

    private ClusterSettings ClusterOf(ParseResult parsed) => new(parsed.GetValue(folder)!, parsed.GetValue(redis));
}
