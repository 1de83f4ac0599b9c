using SparseGrid.Client;
using SparseGrid.Console.Commands;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Progress;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Console.Clusters;

/// <summary>What a client asks of a cluster's sweeps. None of it ties a sweep to the client: it goes on when the client leaves.</summary>
public sealed class SweepCommands(Terminal terminal, ClusterSettings cluster, TimeProvider clock, CancellationToken stop)
{
    /// <summary><c>sparsegrid submit</c>: hands a spec over, and watches it where asked.</summary>
    public async Task<ExitCode> Submit(string specFile, bool watch)
    {
        var spec = SpecFile.Read(specFile);
        await DataPreparation.Run(spec.Data, terminal.Error.WriteLine, stop);
        return await With(async client =>
        {
            var answer = await client.Submit(spec);
            if (!answer.Accepted)
                throw new InputException(answer.Reason);
            if (answer.Caution is { } caution)
                terminal.Error.WriteLine($"caution: {caution}");

            terminal.Out.WriteLine($"{spec.Sweep}: {answer.Reason}");
            if (watch)
                return await Watched(client, spec.Sweep);

            terminal.Out.WriteLine($"Watch it: sparsegrid watch {spec.Sweep}{cluster.Options}");
            return ExitCode.Done;
        });
    }

    /// <summary><c>sparsegrid watch</c>: progress until the sweep ends or Ctrl-C, which leaves the sweep alone.</summary>
    public Task<ExitCode> Watch(string sweep) => With(async client =>
    {
        await Known(client, sweep);
        return await Watched(client, sweep);
    });

    /// <summary><c>sparsegrid ls</c>: every sweep in a line. One whose record cannot be read is told beside the others.</summary>
    public Task<ExitCode> List(bool json) => With(async client =>
    {
        var sweeps = await Task.WhenAll((await client.Names()).Select(name => Looked(client, name)));
        var statuses = sweeps.Select(sweep => sweep.Status).OfType<SweepStatus>().ToArray();
        if (json)
            terminal.Out.WriteLine(JsonDocuments.Text(statuses));
        else if (sweeps.Length == 0)
            terminal.Out.WriteLine("No sweep was submitted yet.");
        else if (statuses.Length > 0)
            Write(TextTable.Lines(
            [
                new("sweep", [.. statuses.Select(status => status.Sweep)], Left: true),
                new("state", [.. statuses.Select(status => status.State.ToString())], Left: true),
                new("finished", [.. statuses.Select(status => $"{status.Finished} of {status.Trials}")]),
                new("running", [.. statuses.Select(status => $"{status.Running}")]),
                new("waiting", [.. statuses.Select(status => $"{status.Waiting}")]),
                new("failed", [.. statuses.Select(status => $"{status.Failed}")]),
                new("submitted (UTC)", [.. statuses.Select(status => $"{status.Submitted.UtcDateTime:yyyy-MM-dd HH:mm}")]),
            ]).Concat(statuses.Where(status => status.Trouble is not null).Select(status => $"{status.Sweep}: {Words.OneLine(status.Trouble!)}")));
        foreach (var (name, _, fault) in sweeps.Where(sweep => sweep.Status is null))
            terminal.Error.WriteLine($"{name} cannot be read: {fault}");
        return statuses.Length == sweeps.Length ? ExitCode.Done : ExitCode.BadInput;
    });

    /// <summary><c>sparsegrid show</c>: the table and the report of a sweep as it stands.</summary>
    public Task<ExitCode> Show(string sweep, OutputFiles files) => With(async client =>
    {
        var status = await Known(client, sweep);
        var outputs = new RunOutputs(terminal, files);
        outputs.Check();
        var spec = (await client.Spec(sweep))!;
        var rows = await client.Rows(sweep);
        var recommendation = Recommendation.Of(rows, spec.Goals);
        var document = new ResultDocument(status, (await client.Submitted(sweep))!, spec.Goals, rows, recommendation);
        if (files.Json)
            terminal.Out.WriteLine(JsonDocuments.Text(document));
        else
            Write(ResultReport.Lines(spec, status, rows, recommendation, terminal.Interactive ? terminal.Width : null));
        outputs.Write(spec, document, new Grains.Artifacts.FolderArtifactStore(Path.GetFullPath(cluster.Folder)));
        return Verdict.Of(status, spec.Goals, recommendation);
    });

    /// <summary><c>sparsegrid pause</c>, <c>resume</c> and <c>retry</c>.</summary>
    public Task<ExitCode> Ask(string sweep, Func<SweepClient, string, Task<SubmitAnswer>> what) => With(async client =>
    {
        await Known(client, sweep);
        var answer = await what(client, sweep);
        if (!answer.Accepted)
            throw new InputException(answer.Reason);
        terminal.Out.WriteLine($"{sweep}: {answer.Reason}");
        return ExitCode.Done;
    });

    /// <summary><c>sparsegrid stop</c>: running variants write checkpoints and stop; waits until they have.</summary>
    /// <param name="deadline">What has not ended by then ends without a checkpoint; zero for all of it.</param>
    public Task<ExitCode> Stop(string sweep, TimeSpan deadline) => With(async client =>
    {
        await Known(client, sweep);
        await client.Stop(sweep, deadline);
        var status = await client.WaitForEnd(sweep, stop);
        var kept = deadline == TimeSpan.Zero ? "the last checkpoints of what ran are kept, steps since then are lost" : "the checkpoints of what ran are kept";
        terminal.Out.WriteLine(status.State == SweepState.Stopped
            ? $"{sweep}: stopped; {Words.Count(status.Finished, "finished trial")} and {kept}. Go on: sparsegrid resume {sweep}{cluster.Options}"
            : $"{sweep}: nothing was to stop, it is {status.State}.");
        return ExitCode.Done;
    });

    private async Task<ExitCode> With(Func<SweepClient, Task<ExitCode>> work)
    {
        await using var grid = await ClusterGrid.Connect(cluster, stop);
        return await work(new(grid.Grains, clock));
    }

    private static async Task<(string Name, SweepStatus? Status, string? Fault)> Looked(SweepClient client, string name)
    {
        try
        {
            return (name, await client.Status(name), null);
        }
        catch (Exception e) when (Faults.Told(e) is not null)
        {
            return (name, null, Faults.Told(e));
        }
    }

    private static async Task<SweepStatus> Known(SweepClient client, string sweep)
    {
        var status = await client.Status(sweep);
        if (status.State != SweepState.Unknown)
            return status;

        var names = await client.Names();
        throw new InputException($"There is no sweep '{sweep}'; {(names.IsEmpty ? "none was submitted yet" : $"there are {string.Join(", ", names)}")}.");
    }

    private async Task<ExitCode> Watched(SweepClient client, string sweep)
    {
        IProgressView view = terminal.Interactive
            ? new LiveProgress(terminal.Canvas(), clock, () => client.Rows(sweep))
            : new PlainProgress(terminal.Out, clock, () => client.Rows(sweep));
        try
        {
            var status = await view.Show(client.Watch(sweep, stop));
            var (spec, rows) = ((await client.Spec(sweep))!, await client.Rows(sweep));
            var recommendation = Recommendation.Of(rows, spec.Goals);
            Write(ResultReport.Lines(spec, status, rows, recommendation, terminal.Interactive ? terminal.Width : null));
            return Verdict.Of(status, spec.Goals, recommendation);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Out.WriteLine($"{sweep} goes on without you. Watch it again: sparsegrid watch {sweep}{cluster.Options}");
            return ExitCode.Done;
        }
    }

    private void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            terminal.Out.WriteLine(line);
    }
}
