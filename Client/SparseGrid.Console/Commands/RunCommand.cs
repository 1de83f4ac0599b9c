using System.Collections.Immutable;
using SparseGrid.Client;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Progress;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid run</c>: runs a sweep to its end, shows how it goes on and what came out.</summary>
public sealed class RunCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start, TimeProvider clock)
{
    /// <summary>Runs the sweep.</summary>
    /// <param name="stop">When cancelled, the sweep writes checkpoints and stops; what there is by then is shown.</param>
    /// <exception cref="InputException">The spec, its data or a file to write cannot be used.</exception>
    /// <exception cref="IOException">The grid can keep nothing any more: a full disk, a folder that has become read-only.</exception>
    public async Task<ExitCode> Run(RunArguments arguments, CancellationToken stop)
    {
        var spec = SpecFile.Read(arguments.SpecFile);
        var outputs = new RunOutputs(terminal, arguments.Files);
        outputs.Check();
        try
        {
            await DataPreparation.Run(spec.Data, (arguments.Json ? terminal.Error : terminal.Out).WriteLine, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return StoppedBefore(arguments);
        }

        await using var grid = await start(arguments.Settings with { Device = spec.Numerics.Device });
        var client = new SweepClient(grid.Grains, clock);
        var plan = await client.Plan(spec);
        if (stop.IsCancellationRequested)
            return StoppedBefore(arguments);
        var answer = await client.Submit(spec);
        if (!answer.Accepted)
            throw new InputException(answer.Reason);
        if (answer.Caution is { } caution)
            terminal.Error.WriteLine($"caution: {caution}");

        var status = await Watch(grid, client, spec, arguments.Json, stop);
        var rows = await client.Rows(spec.Sweep);
        var recommendation = Recommendation.Of(rows, spec.Goals);
        var document = new ResultDocument(status, plan, spec.Goals, rows, recommendation);
        if (arguments.Json)
            terminal.Out.WriteLine(JsonDocuments.Text(document));
        else
            Write(terminal.Out, ResultReport.Lines(spec, status, rows, recommendation, terminal.Interactive ? terminal.Width : null));
        outputs.Write(spec, document, grid.Artifacts);
        if (status.State == SweepState.Stopped)
            Write(arguments.Json ? terminal.Error : terminal.Out, Kept(status, arguments));
        return Verdict.Of(status, spec.Goals, recommendation);
    }

    private async Task<SweepStatus> Watch(IGrid grid, SweepClient client, SweepSpec spec, bool json, CancellationToken stop)
    {
        IProgressView view = terminal.Interactive && !json
            ? new LiveProgress(terminal.Canvas(), clock, () => client.Rows(spec.Sweep))
            : new PlainProgress(json ? terminal.Error : terminal.Out, clock, () => client.Rows(spec.Sweep));

        Task stopping = Task.CompletedTask;
        using var asked = stop.Register(() =>
        {
            view.Say("Stopping: what runs writes a checkpoint first. Ctrl-C again ends at once.");
            stopping = client.Stop(spec.Sweep);
        });
        using var watching = new CancellationTokenSource();
        var shown = view.Show(client.Watch(spec.Sweep, watching.Token));
        if (await Task.WhenAny(shown, grid.Lost) != shown)
        {
            await watching.CancelAsync();
            await ((Task)shown).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            throw await grid.Lost;
        }
        var status = await shown;
        await stopping;
        return status;
    }

    private ExitCode StoppedBefore(RunArguments arguments)
    {
        terminal.Error.WriteLine($"Stopped before anything ran. Start it with: {arguments.CommandLine}");
        return ExitCode.Stopped;
    }

    private static ImmutableArray<string> Kept(SweepStatus status, RunArguments arguments) =>
    [
        $"Stopped: {Words.Count(status.Finished, "finished trial")} and the checkpoints of what ran are kept in {arguments.Settings.Folder}.",
        $"Go on with: {arguments.CommandLine}",
    ];

    private static void Write(TextWriter output, ImmutableArray<string> lines)
    {
        foreach (var line in lines)
            output.WriteLine(line);
    }
}
