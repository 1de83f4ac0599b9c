using System.Text.Json;
using SparseGrid.Console;
using SparseGrid.Console.Commands;
using SparseGrid.Console.Embedded;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-client-").FullName;
    private FakeGrid? grid;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Terminal Terminal => new(output, error, Interactive: false, Color: false, 120);

    private string Spec(string goals = "accuracy: \"drop <= 1pp\"")
    {
        var file = Path.Combine(folder, "digits.sweep.yaml");
        File.WriteAllText(file, $$"""
            sweep: digits
            seed: 7
            model: { network: resnet8 }
            data: { format: digits-csv, path: digits.csv }
            variants:
              dense:
                train: { epochs: 2 }
            goals: { {{goals}} }
            """);
        return file;
    }

    private Task<ExitCode> Run(ScriptedSweep sweep, bool json = false, string? csv = null, string? spec = null, string? html = null, string? plot = null) =>
        new RunCommand(Terminal, Start(sweep), TimeProvider.System).Run(new(spec ?? Spec(), new(folder, 1), json, csv, html, plot), TestContext.Current.CancellationToken);

    private string Report(string extension) => Path.Combine(folder, "reports", "digits" + extension);

    private Task<ExitCode> RunUntil(ScriptedSweep sweep, CancellationToken stop) =>
        new RunCommand(Terminal, Start(sweep), TimeProvider.System).Run(new(Spec(), new(folder, 1), false, null), stop);

    private Func<EmbeddedSettings, Task<IGrid>> Start(ScriptedSweep sweep) => _ => Task.FromResult<IGrid>(grid = new FakeGrid(sweep, folder));

    [Fact]
    public async Task Ends_with_the_recommendation_and_where_the_report_lies_and_lets_go_of_the_grid()
    {
        Assert.Equal(ExitCode.Done, await Run(new(Status()) { Trials = ThreeRows() }));
        Assert.StartsWith("Deploy dense/sparse/ptq max (20ab20ab): ", output.ToString().TrimEnd('\n').Split('\n')[^2]);
        Assert.EndsWith($"\nReport: {Report(".html")}\n", output.ToString());
        Assert.True(grid!.Disposed);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Json_is_one_document_on_standard_output_and_progress_goes_to_standard_error()
    {
        var running = Status(SweepState.Active, waiting: 2, running: 1, finished: 0, variants: new RunningVariant(Id(0), "dense", "silo-1", "train", 1, 2, "epochs", 0.9, null));
        Assert.Equal(ExitCode.Done, await Run(new(running, Status() with { Revision = 2 }) { Trials = ThreeRows() }, json: true));
        using var document = JsonDocument.Parse(output.ToString());
        Assert.Equal(3, document.RootElement.GetProperty("rows").GetArrayLength());
        Assert.Equal(1, document.RootElement.GetProperty("plan").GetProperty("trials").GetArrayLength());
        Assert.Contains("dense: train started", error.ToString());
    }

    [Fact]
    public async Task Writes_the_rows_as_csv()
    {
        var csv = Path.Combine(folder, "rows.csv");
        await Run(new(Status()) { Trials = ThreeRows() }, csv: csv);
        Assert.Equal(4, File.ReadAllText(csv).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Writes_the_report_and_the_document_into_the_folder_of_the_grid()
    {
        await Run(new(Status()) { Trials = ThreeRows() }, json: true);
        Assert.StartsWith("<!DOCTYPE html>\n<html", File.ReadAllText(Report(".html")));
        Assert.Equal(output.ToString().TrimEnd(), File.ReadAllText(Report(".json")).TrimEnd());
        Assert.EndsWith($"Report: {Report(".html")}\n", error.ToString());
        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "reports")).Length);
    }

    [Fact]
    public async Task Writes_the_report_and_the_plot_where_it_is_asked_to()
    {
        var (html, plot) = (Path.Combine(folder, "page.html"), Path.Combine(folder, "plot.svg"));
        await Run(new(Status()) { Trials = ThreeRows() }, html: html, plot: plot);
        Assert.Equal(File.ReadAllText(Report(".html")), File.ReadAllText(html));
        Assert.Contains($"--html {html} --plot {plot}", File.ReadAllText(html));
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg", File.ReadAllText(plot));
        Assert.EndsWith($"\nReport: {html}\n", output.ToString());
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_costs_the_report_and_not_the_table()
    {
        File.WriteAllText(Path.Combine(folder, "reports"), "a file where the folder should be");
        Assert.Equal(ExitCode.Done, await Run(new(Status()) { Trials = ThreeRows() }));
        Assert.Contains("Deploy dense/sparse/ptq max", output.ToString());
        Assert.StartsWith($"The report {Report(".html")} could not be written: ", error.ToString());
        Assert.DoesNotContain("Report:", output.ToString());
    }

    [Theory]
    [InlineData("--html", "HTML")]
    [InlineData("--plot", "SVG")]
    public async Task A_file_that_cannot_be_written_is_refused_before_anything_starts(string option, string format)
    {
        var file = Path.Combine(folder, "missing", "x.svg");
        var fault = await Assert.ThrowsAsync<InputException>(() => Run(new(Status()), html: option == "--html" ? file : null, plot: option == "--plot" ? file : null));
        Assert.StartsWith($"{option} is {file}: cannot be written as {format}: ", fault.Message);
        Assert.Null(grid);
    }

    [Fact]
    public async Task A_file_to_write_is_not_there_before_the_sweep_has_ended()
    {
        var csv = Path.Combine(folder, "rows.csv");
        await Assert.ThrowsAsync<InputException>(() => Run(new(Status()) { Answer = new(false, "no") }, csv: csv));
        Assert.False(File.Exists(csv));
    }

    [Fact]
    public async Task A_csv_file_that_cannot_be_written_is_refused_before_anything_starts()
    {
        var fault = await Assert.ThrowsAsync<InputException>(() => Run(new(Status()), csv: Path.Combine(folder, "missing", "rows.csv")));
        Assert.Matches(@"^--csv is .*rows\.csv: cannot be written as CSV: .* Give a file in a folder that is there\.$", fault.Message);
        Assert.Null(grid);
    }

    [Fact]
    public async Task A_failed_trial_gives_exit_code_3() =>
        Assert.Equal(ExitCode.SomeFailed, await Run(new(Status(trials: 4, failed: 1)) { Trials = [.. ThreeRows(), Failed(3, "dense/qat max", 0, "x")] }));

    [Fact]
    public async Task Goals_that_no_variant_meets_give_exit_code_4() =>
        Assert.Equal(ExitCode.GoalsNotMet, await Run(new(Status()) { Trials = ThreeRows() }, spec: Spec("latency: \"<= 0.1x\"")));

    [Fact]
    public async Task A_budget_that_is_used_up_gives_exit_code_5() =>
        Assert.Equal(ExitCode.BudgetReached, await Run(new(Status(SweepState.BudgetReached, waiting: 1, finished: 2)) { Trials = ThreeRows() }));

    [Fact]
    public async Task A_stop_asks_the_sweep_says_what_was_kept_and_how_to_go_on_and_gives_exit_code_6()
    {
        using var stop = new CancellationTokenSource();
        var sweep = new ScriptedSweep(Status(SweepState.Active, waiting: 2, finished: 1))
        {
            Trials = ThreeRows(), AfterStop = Status(SweepState.Stopped, waiting: 2, finished: 1), Looked = stop.Cancel,
        };
        Assert.Equal(ExitCode.Stopped, await RunUntil(sweep, stop.Token));
        Assert.True(sweep.Stopped);
        Assert.Contains("Stopping: what runs writes a checkpoint first. Ctrl-C again ends at once.\n", output.ToString());
        Assert.EndsWith(
            $"Stopped: 1 finished trial and the checkpoints of what ran are kept in {folder}.\nGo on with: sparsegrid run {Spec()} --folder {folder}\n", output.ToString());
    }

    [Fact]
    public async Task A_stop_before_the_sweep_was_submitted_submits_nothing()
    {
        var sweep = new ScriptedSweep(Status());
        Assert.Equal(ExitCode.Stopped, await RunUntil(sweep, new CancellationToken(canceled: true)));
        Assert.Equal(0, sweep.Submissions);
        Assert.StartsWith("Stopped before anything ran.", error.ToString());
    }

    [Fact]
    public async Task A_caution_of_the_submission_is_shown()
    {
        await Run(new(Status()) { Trials = ThreeRows(), Answer = new(true, "started", "the data have changed") });
        Assert.Equal("caution: the data have changed\n", error.ToString());
    }

    [Fact]
    public async Task A_refused_submission_says_why() =>
        Assert.Equal("active with another spec", (await Assert.ThrowsAsync<InputException>(() => Run(new(Status()) { Answer = new(false, "active with another spec") }))).Message);

    [Theory]
    [InlineData("run")]
    [InlineData("plan")]
    public async Task Data_that_cannot_be_used_give_one_line_and_exit_code_2(string verb)
    {
        var sweep = new ScriptedSweep(Status()) { PlanFault = new InvalidDataException("digits.csv: line 3 has 5 values: an image has 65.") };
        Assert.Equal(ExitCode.BadInput, await CommandLineParser.Run([verb, Spec()], Terminal, Start(sweep), TimeProvider.System));
        Assert.Equal("digits.csv: line 3 has 5 values: an image has 65.\n", error.ToString());
        Assert.Empty(output.ToString());
    }

    [Theory]
    [InlineData("run SPEC", false)]
    [InlineData("run SPEC --verbose", true)]
    public async Task An_unexpected_error_is_one_line_and_has_a_stack_only_where_asked(string line, bool stack)
    {
        var sweep = new ScriptedSweep(Status()) { PlanFault = new InvalidOperationException("The cat sat\non the keys.") };
        Assert.Equal(ExitCode.Unexpected, await CommandLineParser.Run(line.Replace("SPEC", Spec()).Split(' '), Terminal, Start(sweep), TimeProvider.System));
        Assert.StartsWith("Unexpected InvalidOperationException: The cat sat on the keys. The log .sparsegrid/silo.log says more", error.ToString());
        Assert.Equal(stack, error.ToString().Contains("   at SparseGrid."));
        Assert.Equal(stack, error.ToString().Split('\n').Length > 2);
    }

    [Fact]
    public async Task Plan_shows_the_tree_and_submits_nothing()
    {
        var sweep = new ScriptedSweep(Status());
        Assert.Equal(ExitCode.Done, await CommandLineParser.Run(["plan", Spec()], Terminal, Start(sweep), TimeProvider.System));
        Assert.Contains("0  dense    dense     7  00ab00ab", output.ToString());
        Assert.Equal(0, sweep.Submissions);
        Assert.True(grid!.Disposed);
    }

    [Theory]
    [InlineData("", "No command was given; give plan, run, export, quick, schema, silo, submit, watch, ls, show, pause, resume, stop, retry, why or gc.")]
    [InlineData("run", "Required argument 'SPEC' missing for command: 'run'.")]
    [InlineData("run a.yaml --slots 0", "--slots is 0: give a whole number from 1 to 64.")]
    [InlineData("run a.yaml --slots many", "--slots is many: give a whole number from 1 to 64.")]
    [InlineData("run a.yaml --set Checkpoints:Steps", "--set: 'Checkpoints:Steps' is no setting: give KEY=VALUE, such as Checkpoints:Interval=00:00:30.")]
    [InlineData("run a.yaml --set Checkpoints:Steps=0", "--set: Checkpoints:Steps is '0': give a whole number from 1 to 1000000.")]
    [InlineData("run a.yaml --plot p.png", "--plot is p.png: the plot is written as SVG; give a name that ends in .svg.")]
    [InlineData("run a.yaml --fast", "Unrecognized command or argument '--fast'.")]
    [InlineData("run missing.yaml", "missing.yaml: there is no such file. Give the path of a sweep spec, such as samples/digits.sweep.yaml.")]
    [InlineData("wrong --json", "'wrong' is no command; give plan, run, export, quick, schema, silo, submit, watch, ls, show, pause, resume, stop, retry, why or gc.")]
    public async Task A_command_line_that_cannot_be_used_gives_exit_code_2(string line, string message)
    {
        Assert.Equal(ExitCode.BadInput, await CommandLineParser.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Terminal, Start(new(Status())), TimeProvider.System));
        Assert.Equal(message, error.ToString().Split('\n')[0]);
        Assert.Null(grid);
    }

    [Fact]
    public async Task Settings_reach_the_grid_and_the_command_that_goes_on()
    {
        EmbeddedSettings? given = null;
        await CommandLineParser.Run(
            ["run", Spec(), "--set", "Checkpoints:Steps=10", "--set", "checkpoints:interval=00:01:00", "--set", "Checkpoints:Steps=20"], Terminal,
            settings =>
            {
                given = settings;
                return Start(new(Status()) { Trials = ThreeRows() })(settings);
            },
            TimeProvider.System);
        Assert.Equal(("20", "00:01:00", "cpu"), (given!.Options.Settings["Checkpoints:Steps"], given.Options.Settings["Checkpoints:Interval"], given.Options.Settings["Devices:Device"]));
        Assert.Equal(
            "sparsegrid run a.yaml --set Checkpoints:Steps=10 --set checkpoints:interval=00:01:00 --set Checkpoints:Steps=20 --json",
            new RunArguments("a.yaml", given with { Folder = ".sparsegrid" }, true, null).CommandLine);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named_with_its_option()
    {
        var file = Path.Combine(folder, "taken");
        File.WriteAllText(file, "");
        Assert.Equal(ExitCode.BadInput, await CommandLineParser.Run(["plan", Spec(), "--folder", file], Terminal, EmbeddedGrid.Start, TimeProvider.System));
        Assert.StartsWith($"--folder is {file}: it is no folder and cannot be made one (", error.ToString());
        Assert.EndsWith(" Give another folder.\n", error.ToString());
    }

    [Fact]
    public async Task Plain_progress_tells_every_trial_that_ended_however_quickly()
    {
        await Run(new(Status()) { Trials = ThreeRows() });
        Assert.Contains("] dense finished: top-1 97.50 %, 1.00x\n", output.ToString());
        Assert.Contains("] dense/sparse/ptq max finished: top-1 96.67 %, 2.50x\n", output.ToString());
    }

    [Fact]
    public async Task Help_lists_every_exit_code()
    {
        Assert.Equal(ExitCode.Done, await CommandLineParser.Run(["--help"], Terminal, Start(new(Status())), TimeProvider.System));
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Matches($@"\n\s+{(int)code} ", output.ToString()));
    }

    [Fact]
    public async Task Help_of_run_has_its_options_and_examples()
    {
        Assert.Equal(ExitCode.Done, await CommandLineParser.Run(["run", "--help"], Terminal, Start(new(Status())), TimeProvider.System));
        Assert.All((string[])["--html <FILE>", "--plot <FILE.svg>", "Examples:", "sparsegrid run SPEC --html digits.html"], words => Assert.Contains(words, output.ToString()));
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Schema_prints_json()
    {
        Assert.Equal(ExitCode.Done, await CommandLineParser.Run(["schema"], Terminal, Start(new(Status())), TimeProvider.System));
        using var schema = JsonDocument.Parse(output.ToString());
        Assert.Equal(JsonValueKind.Object, schema.RootElement.ValueKind);
    }

    private sealed class FakeGrid(ScriptedSweep sweep, string folder) : IGrid
    {
        public bool Disposed { get; private set; }

        public IGrainFactory Grains { get; } = new OneSweep(sweep);

        public Task<Exception> Lost { get; } = new TaskCompletionSource<Exception>().Task;

        public IArtifactStore Artifacts { get; } = new FolderArtifactStore(folder);

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
