using System.CommandLine;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Embedded;
using SparseGrid.Contracts.Spec;
using SparseGrid.Silo;

namespace SparseGrid.Console.Commands;

/// <summary>The program's verbs and options, and what runs for each.</summary>
public static class CommandLineParser
{
    /// <summary>Where an embedded grid keeps its results unless told otherwise.</summary>
    public const string DefaultFolder = ".sparsegrid";

    private const string Description = """
        Compresses a convolutional network in every way that a sweep spec names (2:4 sparsity, INT8 quantization), measures each exported file where it
        would be deployed, and says which one to take. Results are kept: what was done once is never done again.

        Examples:
          sparsegrid plan samples/digits.sweep.yaml              what would run, and what is done already
          sparsegrid run samples/digits.sweep.yaml               run it, show the table, write the HTML report
          sparsegrid run samples/imported.sweep.yaml             start from an ONNX file of your own instead of a network that is built here
          sparsegrid run SPEC --json > result.json               the same as one JSON document
          sparsegrid run SPEC --csv rows.csv --slots 2           two variants at once, the rows as CSV too
          sparsegrid export samples/digits.sweep.yaml            the recommended file as a bundle that others can deploy and check
          sparsegrid quick mynet.onnx images/                    INT8 of a network of yours, without training and without a spec
          sparsegrid schema > sweep.schema.json                  the spec's JSON schema, for editors
          sparsegrid silo --folder grid                          a silo of a grid that outlives its clients; then, elsewhere:
          sparsegrid submit SPEC --folder grid                   hand a sweep over; watch, ls, show, pause, resume, stop, retry

        Exit codes:
          0    finished; goals met, or none set
          1    the program failed; its log says more
          2    the command line, the spec or the data cannot be used
          3    finished, but some trials failed
          4    finished, but no variant meets all goals
          5    budget reached, trials are left
          6    stopped by Ctrl-C or SIGTERM; the same command goes on
          70   the device failed (silo: start it again; run: the same command goes on)
          130  ended at once by a second Ctrl-C
        """;

    private const string RunExamples = """
        Examples:
          sparsegrid run samples/digits.sweep.yaml            the table; the HTML report goes to .sparsegrid/reports/digits.html
          sparsegrid run SPEC --html digits.html              the report here too: one file that opens anywhere
          sparsegrid run SPEC --plot digits.svg --csv d.csv   the plot of accuracy and speed as an image, the rows as CSV
          sparsegrid run SPEC --json > result.json            one JSON document, progress on standard error
          sparsegrid run SPEC --slots 2 --folder /data/grid   two variants at once, everything kept in that folder
        """;

    /// <summary>Parses and runs one command line.</summary>
    /// <param name="start">Starts the grid that the command works with.</param>
    public static async Task<ExitCode> Run(IReadOnlyList<string> args, Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start, TimeProvider clock)
    {
        var parsed = Root(terminal, start, clock).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var message in parsed.CommandResult.Command is RootCommand ? [NoCommand(args)] : parsed.Errors.Select(error => error.Message))
                terminal.Error.WriteLine(message);
            terminal.Error.WriteLine("See sparsegrid --help.");
            return ExitCode.BadInput;
        }
        return (ExitCode)await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = terminal.Out, Error = terminal.Error,
            });
    }

    private static string NoCommand(IReadOnlyList<string> args) =>
        (args.Count == 0 ? "No command was given" : $"'{args[0]}' is no command") + "; give plan, run, export, quick, schema, silo, submit, watch, ls, show, pause, resume, stop, retry, why or gc.";

    private static RootCommand Root(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start, TimeProvider clock)
    {
        var spec = new Argument<string>("SPEC") { Description = "Sweep spec, YAML or JSON." };
        var folder = new Option<string>("--folder")
        {
            Description = "Where results, artifacts and checkpoints are kept.", HelpName = "FOLDER", DefaultValueFactory = _ => DefaultFolder,
        };
        var slots = new Option<int>("--slots") { Description = "Variants that run at once, 1 to 64.", HelpName = "N", DefaultValueFactory = _ => 1 };
        OptionRange.AddTo(slots, 1, 64);
        var set = new Option<string[]>("--set")
        {
            Description = "Set one of the grid's settings, such as Checkpoints:Interval=00:01:00; may be given several times.", HelpName = "KEY=VALUE",
        };
        set.Validators.Add(given =>
        {
            foreach (var fault in given.Tokens.Select(token => GridSettings.FaultOf(token.Value)).OfType<string>())
                given.AddError($"--set: {fault}");
        });
        var json = new Option<bool>("--json") { Description = "Write one JSON document to standard output, and progress to standard error." };
        var csv = new Option<string?>("--csv") { Description = "Write the rows to a CSV file too.", HelpName = "FILE" };
        var html = new Option<string?>("--html")
        {
            Description = "Write the HTML report here too; it always goes to reports/SWEEP.html of the folder.", HelpName = "FILE",
        };
        var plot = new Option<string?>("--plot") { Description = "Write the plot of accuracy and speed as an SVG file.", HelpName = "FILE.svg" };
        plot.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !token.Value.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
                given.AddError($"--plot is {token.Value}: the plot is written as SVG; give a name that ends in .svg.");
        });
        var verbose = new Option<bool>("--verbose") { Description = "Show where in the program an unexpected error arose.", Recursive = true };

        var plan = new Command("plan", "Show what a sweep would run, what of it is done already, and what is left to train. Runs nothing.")
        {
            spec, folder, json,
        };
        CommandExamples.AddTo(plan, """
            Examples:
              sparsegrid plan samples/digits.sweep.yaml                    the tree of variants, what is done already, epochs left to train
              sparsegrid plan SPEC --folder /data/grid --json > plan.json  for programs
            """);
        plan.SetAction(async (parsed, _) => (int)await Guarded(parsed.GetValue(verbose), terminal, parsed.GetValue(folder)!, async () =>
        {
            using var signals = new StopSignals(() => StopSignals.EndAtOnce(ExitCode.Killed));
            return await new PlanCommand(terminal, start).Run(
                parsed.GetValue(spec)!, new(parsed.GetValue(folder)!, Slots: 0), parsed.GetValue(json), signals.Asked);
        }));

        var run = new Command("run", "Run a sweep, or go on with it, in a grid inside this process; show the measured table and the variant to deploy.")
        {
            spec, folder, slots, set, json, csv, html, plot,
        };
        CommandExamples.AddTo(run, RunExamples);
        run.SetAction(async (parsed, _) => (int)await Guarded(parsed.GetValue(verbose), terminal, parsed.GetValue(folder)!, async () =>
        {
            using var signals = new StopSignals(() => StopSignals.EndAtOnce(ExitCode.Killed));
            var arguments = new RunArguments(
                parsed.GetValue(spec)!, new(parsed.GetValue(folder)!, parsed.GetValue(slots), Set: parsed.GetValue(set)), parsed.GetValue(json),
                parsed.GetValue(csv), parsed.GetValue(html), parsed.GetValue(plot));
            return await new RunCommand(terminal, start, clock).Run(arguments, signals.Asked);
        }));

        var export = ExportCommandLine.Of(terminal, start, spec, folder, verbose);
        var quick = QuickCommandLine.Of(terminal, clock, json, verbose);

        var schema = new Command("schema", "Print the JSON schema of a sweep spec.");
        CommandExamples.AddTo(schema, """
            Examples:
              sparsegrid schema > sweep.schema.json    then, in the first line of a spec: # yaml-language-server: $schema=sweep.schema.json
            """);
        schema.SetAction(async (parsed, _) => (int)await Guarded(parsed.GetValue(verbose), terminal, DefaultFolder, () =>
        {
            terminal.Out.WriteLine(SpecSchema.Text.TrimEnd());
            return Task.FromResult(ExitCode.Done);
        }));

        var root = new RootCommand(Description) { plan, run, export, quick, schema, verbose };
        Task<int> ByVerb(ParseResult parsed, string where, Func<Task<ExitCode>> command) => AsInt(Guarded(parsed.GetValue(verbose), terminal, where, command));
        foreach (var verb in new ClusterVerbs(terminal, clock, folder, set, ByVerb).All().Concat(new FolderVerbs(terminal, clock, start, folder, ByVerb).All()))
            root.Subcommands.Add(verb);
        return root;
    }

    private static async Task<int> AsInt(Task<ExitCode> code) => (int)await code;

    /// <summary>Runs a command; what goes wrong becomes one line and an exit code.</summary>
    /// <param name="folder">The grid's; null for a command without one.</param>
    internal static async Task<ExitCode> Guarded(bool verbose, Terminal terminal, string? folder, Func<Task<ExitCode>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception fault)
        {
            return Faults.Report(fault, terminal.Error, folder, verbose);
        }
    }
}
