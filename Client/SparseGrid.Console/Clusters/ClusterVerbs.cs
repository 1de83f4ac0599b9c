using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Http;
using SparseGrid.Client;
using SparseGrid.Console.Commands;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Placement;
using SparseGrid.Silo;

namespace SparseGrid.Console.Clusters;

/// <summary>The verbs of a grid that outlives its clients, and their options.</summary>
/// <param name="guarded">Runs a command; what goes wrong becomes one line and an exit code.</param>
internal sealed class ClusterVerbs(Terminal terminal, TimeProvider clock, Option<string> folder, Option<string[]> set, Func<ParseResult, string, Func<Task<ExitCode>>, Task<int>> guarded)
{
    private const string SiloExamples = """
        Examples:
          sparsegrid silo --folder grid                          a silo of this machine; start as many as you like
          sparsegrid silo --folder grid --role control           one that coordinates and runs no variants
          sparsegrid silo --folder grid --role compute --slots 2 --device cuda
          sparsegrid silo --folder /shared/grid --redis cache:6379 --address 10.0.0.7   a silo of a cluster of machines

        SIGTERM or Ctrl-C drains it: nothing new is taken, running variants write a checkpoint and go on elsewhere. A silo that others take for dead
        ends itself with code 134: run silos under a supervisor that starts them again.
        """;

    private const string SubmitExamples = """
        Examples:
          sparsegrid submit samples/digits.sweep.yaml --folder grid           hand it over and leave
          sparsegrid submit samples/digits.sweep.yaml --folder grid --watch   stay; Ctrl-C leaves, the sweep goes on
          sparsegrid watch digits --folder grid                               come back
        """;

    private const string WatchExamples = """
        Examples:
          sparsegrid watch digits --folder grid                   progress until it ends, then the table; Ctrl-C leaves, the sweep goes on
          sparsegrid watch digits --folder grid > progress.txt    plain lines: a stage starts, ends, a trial is done
        """;

    private const string ListExamples = """
        Examples:
          sparsegrid ls --folder grid                  state, and finished, running, waiting and failed trials of each sweep
          sparsegrid ls --folder grid --json           the same for programs
          sparsegrid ls --folder g --redis cache:6379  of a cluster of machines
        """;

    private const string ShowExamples = """
        Examples:
          sparsegrid show digits --folder grid                            the table as it stands, also while the sweep runs or when its data are gone
          sparsegrid show digits --folder grid --json > digits.json       one JSON document
          sparsegrid show digits --folder grid --html r.html --csv r.csv  the report and the rows as files
        """;

    private const string PauseExamples = """
        Examples:
          sparsegrid pause digits --folder grid     what runs goes on to its end, nothing new starts
          sparsegrid resume digits --folder grid    go on
          sparsegrid stop digits --folder grid      instead, where slots are to be free at once
        """;

    private const string ResumeExamples = """
        Examples:
          sparsegrid resume digits --folder grid                      go on after pause, stop or a used-up budget, without the spec
          sparsegrid submit digits.sweep.yaml --folder grid           instead, where the spec has changed
        """;

    private const string StopExamples = """
        Examples:
          sparsegrid stop digits --folder grid                  checkpoints first, at most a minute; no step is lost
          sparsegrid stop digits --folder grid --deadline 600   large networks on a slow disk
          sparsegrid stop digits --folder grid --now            slots are free within seconds; what ran goes on from its last checkpoint
          sparsegrid resume digits --folder grid                go on
        """;

    private readonly Argument<string> sweep = new("SWEEP") { Description = "Name of the sweep." };

    private readonly Option<string?> redis =
        RedisOption.Described("The Redis of a cluster of several machines; without it, the silos of this machine that share the folder.");

    /// <summary>The verbs.</summary>
    public IEnumerable<Command> All()
    {
        yield return Silo();
        yield return Submit();
        yield return OfSweep("watch", "Show how a sweep goes on, until it ends; Ctrl-C leaves it alone.", (sweeps, name) => sweeps.Watch(name), WatchExamples);
        yield return List();
        yield return Show();
        yield return OfSweep("pause", "Start nothing new of a sweep; what runs goes on to its end.", Asked((client, name) => client.Pause(name)), PauseExamples);
        yield return OfSweep("resume", "Go on with a sweep that was paused or stopped, or has used up its budget.", Asked((client, name) => client.Resume(name)), ResumeExamples);
        yield return Stop();
        yield return Retry();
    }

    private static Func<SweepCommands, string, Task<ExitCode>> Asked(Func<SweepClient, string, Task<SubmitAnswer>> what) => (sweeps, name) => sweeps.Ask(name, what);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    // https would need a certificate, which nothing here takes.
    private static bool IsUrl(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http", Port: >= 0 and <= 65535 };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private Command Silo()
    {
        var role = new Option<string>("--role") { Description = "What the silo is there for: both, control or compute.", HelpName = "ROLE", DefaultValueFactory = _ => SiloRole.Both };
        role.AcceptOnlyFromAmong([.. SiloRole.All]);
        var slots = new Option<int>("--slots") { Description = "Variants that run at once here, 0 to 64.", HelpName = "N", DefaultValueFactory = _ => 1 };
        slots.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && (!int.TryParse(token.Value, out var count) || count is < 0 or > 64))
                given.AddError($"--slots is {token.Value}: give a whole number from 0 to 64.");
        });
        var device = new Option<string>("--device") { Description = "cpu or cuda.", HelpName = "DEVICE", DefaultValueFactory = _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        var name = new Option<string?>("--name") { Description = "Name that results and messages tell; default: silo- and the process's number.", HelpName = "NAME" };
        name.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !IsName(token.Value))
                given.AddError($"--name is {token.Value}: give 1 to 64 letters, digits, dots, dashes and underscores, the first of them a letter or a digit; the log is named so.");
        });
        var address = new Option<string?>("--address") { Description = "IP address by which other machines reach this silo; default: loopback.", HelpName = "IP" };
        address.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !IPAddress.TryParse(token.Value, out _))
                given.AddError($"--address is {token.Value}: give an IP address of this machine, such as 10.0.0.7.");
        });
        var urls = new Option<string>("--urls")
        {
            Description = "Where health (/healthz) and metrics (/metrics) are served; port 0 takes a free one.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:0",
        };
        var wait = new Option<int>("--wait")
        {
            Description = "Seconds that a Redis is waited for that does not answer when the silo starts, 0 to 86400.", HelpName = "SECONDS", DefaultValueFactory = _ => 60,
        };
        OptionRange.AddTo(wait, 0, 86400);
        urls.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !token.Value.Split(';').All(IsUrl))
                given.AddError($"--urls is {token.Value}: give addresses of this machine as http://HOST:PORT, with ; between them, such as http://127.0.0.1:8080.");
        });
        var silo = new Command("silo", "Run a silo of a grid that outlives its clients, until SIGTERM or Ctrl-C.") { folder, redis, wait, role, slots, device, name, address, urls, set };
        CommandExamples.AddTo(silo, SiloExamples);
        silo.SetAction((parsed, _) => guarded(parsed, parsed.GetValue(folder)!, () => new SiloCommand(terminal, clock).Run(new SiloSettings(
            parsed.GetValue(folder)!, parsed.GetValue(redis), parsed.GetValue(role)!, parsed.GetValue(slots), parsed.GetValue(device)!, parsed.GetValue(name),
            parsed.GetValue(address), parsed.GetValue(urls)!, parsed.GetValue(set)), TimeSpan.FromSeconds(parsed.GetValue(wait)))));
        return silo;
    }

    private Command Submit()
    {
        var spec = new Argument<string>("SPEC") { Description = "Sweep spec, YAML or JSON." };
        var watch = new Option<bool>("--watch") { Description = "Stay and show how it goes on." };
        var submit = new Command("submit", "Hand a sweep to a running grid, and leave.") { spec, folder, redis, watch };
        CommandExamples.AddTo(submit, SubmitExamples);
        submit.SetAction((parsed, _) => With(parsed, sweeps => sweeps.Submit(parsed.GetValue(spec)!, parsed.GetValue(watch))));
        return submit;
    }

    private Command List()
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var list = new Command("ls", "List the sweeps of a grid.") { folder, redis, json };
        CommandExamples.AddTo(list, ListExamples);
        list.SetAction((parsed, _) => With(parsed, sweeps => sweeps.List(parsed.GetValue(json))));
        return list;
    }

    private Command Show()
    {
        var json = new Option<bool>("--json") { Description = "Write one JSON document to standard output." };
        var csv = new Option<string?>("--csv") { Description = "Write the rows to a CSV file too.", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Write the HTML report here too; it always goes to reports/SWEEP.html of the folder.", HelpName = "FILE" };
        var plot = new Option<string?>("--plot") { Description = "Write the plot of accuracy and speed as an SVG file.", HelpName = "FILE.svg" };
        var show = new Command("show", "Show the table of a sweep as it stands, and write its report.") { sweep, folder, redis, json, csv, html, plot };
        CommandExamples.AddTo(show, ShowExamples);
        show.SetAction((parsed, _) => With(parsed, sweeps =>
        {
            var name = parsed.GetValue(sweep)!;
            return sweeps.Show(name, new(
                parsed.GetValue(folder)!, $"sparsegrid show {name}{ClusterOf(parsed).Options}", parsed.GetValue(json), parsed.GetValue(csv), parsed.GetValue(html),
                parsed.GetValue(plot)));
        }));
        return show;
    }

    private Command Retry()
    {
        var classes = new Option<string[]>("--class")
        {
            Description = "Only those that failed by this class; may be given several times. One of " + string.Join(", ", FailureNames.All) + ".", HelpName = "CLASS",
        };
        classes.AcceptOnlyFromAmong([.. FailureNames.All]);
        var retry = new Command("retry", "Let the failed trials of a sweep run again, and those that failed with them.") { sweep, folder, redis, classes };
        CommandExamples.AddTo(retry, """
            Examples:
              sparsegrid retry digits --folder grid                                          all that failed
              sparsegrid retry digits --folder grid --class out-of-memory --class timeout    only these
            """);
        retry.SetAction((parsed, _) => With(parsed, sweeps => sweeps.Ask(
            parsed.GetValue(sweep)!, (client, name) => client.Retry(name, [.. (parsed.GetValue(classes) ?? []).Select(FailureNames.Of).OfType<FailureClass>()]))));
        return retry;
    }

    private Command Stop()
    {
        var now = new Option<bool>("--now") { Description = "End what runs within seconds, without a checkpoint: steps since the last one are lost, and are made again after resume." };
        var deadline = new Option<int>("--deadline")
        {
            Description = "Seconds that runs have to write their checkpoints, 1 to 86400; what has not ended then ends as with --now.", HelpName = "SECONDS", DefaultValueFactory = _ => 60,
        };
        OptionRange.AddTo(deadline, 1, 86400);
        var stop = new Command("stop", "Stop a sweep: what runs writes a checkpoint first, so that no step is lost.") { sweep, folder, redis, now, deadline };
        CommandExamples.AddTo(stop, StopExamples);
        stop.SetAction((parsed, _) => With(parsed, sweeps => sweeps.Stop(
            parsed.GetValue(sweep)!, parsed.GetValue(now) ? TimeSpan.Zero : TimeSpan.FromSeconds(parsed.GetValue(deadline)))));
        return stop;
    }

    private Command OfSweep(string verb, string description, Func<SweepCommands, string, Task<ExitCode>> run, string examples)
    {
        var command = new Command(verb, description) { sweep, folder, redis };
        CommandExamples.AddTo(command, examples);
        command.SetAction((parsed, _) => With(parsed, sweeps => run(sweeps, parsed.GetValue(sweep)!)));
        return command;
    }

    private Task<int> With(ParseResult parsed, Func<SweepCommands, Task<ExitCode>> run) =>
        guarded(parsed, parsed.GetValue(folder)!, () => Interruptible.Run(terminal, stop => run(new(terminal, ClusterOf(parsed), clock, stop))));

    private ClusterSettings ClusterOf(ParseResult parsed) => new(parsed.GetValue(folder)!, parsed.GetValue(redis));
}
