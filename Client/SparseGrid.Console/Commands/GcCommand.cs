using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Client;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Collection;
using SparseGrid.Silo;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid gc</c>: the files of a grid's folder that no record needs. Shows them, and deletes them where it is told to.</summary>
public sealed class GcCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start, TimeProvider clock)
{
    /// <summary>Shows or deletes.</summary>
    /// <exception cref="InputException">There is no grid, or a sweep cannot be forgotten.</exception>
    /// <exception cref="InvalidDataException">A record cannot be read; nothing was deleted.</exception>
    /// <exception cref="IOException">Redis does not answer, or a file cannot be deleted.</exception>
    public async Task<ExitCode> Run(GcArguments arguments, CancellationToken stop)
    {
        var root = Path.GetFullPath(arguments.Cluster.Folder);
        if (!Directory.Exists(root) || (arguments.Cluster.Redis is null && !File.Exists(Profiles.Database(root))))
            throw new InputException($"--folder is {arguments.Cluster.Folder}: there is no grid. Give the folder of one.");
        if (arguments.Forget.Count > 0 && !arguments.Delete)
            throw new InputException("--forget changes the grid's records: give --delete too.");

        if (arguments.Cluster.Redis is { } server)
            await RedisAnswer.Require(server, stop);
        IReadOnlyCollection<StoredRecord> Records() => arguments.Cluster.Redis is { } redis ? StateRecords.OfRedis(redis) : StateRecords.OfDatabase(Profiles.Database(root));
        var collector = new GarbageCollector(root, Records, clock);
        if (arguments.Delete && (arguments.Stale || arguments.Forget.Count > 0))
            await Forget(arguments, Records, stop);

        var survey = collector.Survey(arguments.Age, keepStale: !arguments.Stale);
        var files = arguments.Delete ? collector.Delete(arguments.Age, keepStale: !arguments.Stale) : survey.Garbage;
        foreach (var line in arguments.Json ? [JsonDocuments.Text(Document(arguments, survey, files))] : Lines(arguments, survey, files))
            terminal.Out.WriteLine(line);
        return ExitCode.Done;
    }

    // Records first: a result whose artifacts are gone would be one that cannot be shown.
    private async Task Forget(GcArguments arguments, Func<IReadOnlyCollection<StoredRecord>> records, CancellationToken stop)
    {
        await using var grid = await AnyGrid.Open(arguments.Cluster, start, stop);
        var client = new SweepClient(grid.Grains);
        foreach (var sweep in arguments.Forget)
        {
            var answer = await client.Forget(sweep);
            if (!answer.Accepted)
                throw new InputException($"--forget is {sweep}: {answer.Reason}");
            terminal.Error.WriteLine($"{sweep}: {answer.Reason}");
        }

        if (!arguments.Stale)
            return;

        foreach (var result in Reachability.Of(records(), keepStale: true).StaleResults.Keys)
            await grid.Grains.GetGrain<IResultGrain>(result).Forget();
    }

    private static IEnumerable<string> Lines(GcArguments arguments, GarbageSurvey survey, ImmutableArray<GridFile> files)
    {
        var reasons = Enum.GetValues<GarbageReason>().Where(reason => files.Any(file => file.Reason == reason)).ToArray();
        string[] names = [.. reasons.Select(Told), "in all"];
        ImmutableArray<GridFile>[] groups = [.. reasons.Select(reason => files.Where(file => file.Reason == reason).ToImmutableArray()), files];
        foreach (var line in TextTable.Lines(
        [
            new(arguments.Delete ? "deleted" : "not needed", [.. names], Left: true), new("files", [.. groups.Select(group => $"{group.Length}")]),
            new("MiB", [.. groups.Select(group => MiB(group))]),
        ]))
            yield return line;

        yield return $"Kept: {Words.Count(survey.Kept.Length, "file")} ({MiB(survey.Kept)} MiB) of {Words.Count(survey.Needed.Results, "result")} and {Words.Count(survey.Needed.Sweeps, "sweep")}"
            + (survey.Young.IsEmpty ? "." : $"; {Words.Count(survey.Young.Length, "file")} ({MiB(survey.Young)} MiB) younger than {arguments.Age} too.");
        if (!arguments.Stale && survey.Needed.StaleResults.Count > 0)
        {
            yield return $"{Words.Count(survey.Needed.StaleResults.Count, "result")} {(survey.Needed.StaleResults.Count == 1 ? "is" : "are")} of no sweep as it stands now (its spec has changed since, or it was forgotten); "
                + "--stale gives them up too.";
        }

        if (!arguments.Delete)
            yield return files.IsEmpty ? "Nothing is to be deleted." : $"Nothing was deleted. Delete it: sparsegrid gc{arguments.Cluster.Options}{(arguments.Stale ? " --stale" : "")}{(arguments.Age == GcArguments.UsualAge ? "" : $" --age {arguments.Age:c}")} --delete";
    }

    private static object Document(GcArguments arguments, GarbageSurvey survey, ImmutableArray<GridFile> files) => new
    {
        deleted = arguments.Delete,
        files = files.Select(file => new { file.Path, file.Bytes, reason = file.Reason, file.Used }).ToArray(),
        kept = survey.Kept.Length,
        keptBytes = survey.Kept.Sum(file => file.Bytes),
        young = survey.Young.Length,
        results = survey.Needed.Results,
        sweeps = survey.Needed.Sweeps,
        staleResults = survey.Needed.StaleResults.Keys.ToArray(),
    };

    private static string Told(GarbageReason reason) => reason switch
    {
        GarbageReason.StageOfNoSweep => "artifacts of stages that no result and no sweep has",
        GarbageReason.NamedByNoRecord => "artifacts that no record names",
        GarbageReason.Checkpoint => "checkpoints of stages that are done, or that no sweep has",
        _ => "files that a killed process was writing",
    };

    private static string MiB(IEnumerable<GridFile> files) => (files.Sum(file => file.Bytes) / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);
}
