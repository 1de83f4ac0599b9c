using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>Silo processes of this machine that share a folder, and clients that come and go.</summary>
/// <param name="folder">Where specs lie; the grid is <c>grid</c> in it.</param>
/// <param name="options">How silos and clients find each other beside that folder: <c>--redis HOST:PORT</c>.</param>
internal sealed partial class SiloCluster(string folder, params string[] options) : IAsyncDisposable
{
    private readonly Dictionary<string, SparseGridProcess> silos = new(StringComparer.Ordinal);
    private readonly List<SparseGridProcess> ended = [];

    /// <summary>The folder that the silos share.</summary>
    public string Grid => Path.Combine(folder, "grid");

    /// <summary>Names of the silos that were started and not taken down.</summary>
    public IReadOnlyList<string> Names => [.. silos.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Starts silos and returns when they have joined.</summary>
    public async Task Start(IEnumerable<string> names, params string[] more)
    {
        foreach (var name in names)
            silos[name] = SparseGridProcess.Start(folder, ["silo", "--folder", "grid", "--name", name, .. options, .. more]);
        foreach (var silo in silos.Values)
            await silo.Until(() => silo.Output.Contains("has joined"), "it joined");
    }

    /// <summary>Takes a silo that was started otherwise; returns when it has joined.</summary>
    public async Task Take(string name, SparseGridProcess silo)
    {
        silos[name] = silo;
        await silo.Until(() => silo.Output.Contains("has joined"), "it joined");
    }

    /// <summary>Sends a signal to a silo: KILL, TERM, STOP or CONT.</summary>
    public void Signal(string name, string signal) => silos[name].Signal(signal);

    /// <summary>Waits until a silo's process has ended, and starts another of that name.</summary>
    public async Task Replace(string name, params string[] options)
    {
        await Gone(name);
        await Start([name], options);
    }

    /// <summary>Waits until a silo's process has ended.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<SparseGridProcess> Gone(string name)
    {
        silos.Remove(name, out var silo);
        await silo!.Ended();
        ended.Add(silo);
        return silo;
    }

    /// <summary>Runs a client command to its end; fails where its exit code is another.</summary>
    public async Task<SparseGridProcess> Client(int exitCode, params string[] arguments)
    {
        var client = await SparseGridProcess.Run(folder, [.. arguments, "--folder", "grid", .. options]);
        Assert.True(client.ExitCode == exitCode, $"{string.Join(' ', arguments)} ended with {client.ExitCode}\n{client.Error}\n{client.Output}");
        return client;
    }

    /// <summary>The sweep's status as <c>ls --json</c> tells it.</summary>
    public async Task<JsonElement> Status(string sweep)
    {
        await using var list = await Client(0, "ls", "--json");
        return list.Document.EnumerateArray().Single(status => status.GetProperty("sweep").GetString() == sweep);
    }

    /// <summary>Waits until the sweep's status is as wanted. A client that meets a dying silo tries again.</summary>
    public async Task<TimeSpan> Until(string sweep, Func<JsonElement, bool> wanted, string what, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        var last = "";
        while (watch.Elapsed < limit)
        {
            await using var list = await SparseGridProcess.Run(folder, ["ls", "--json", "--folder", "grid", .. options]);
            if (list.ExitCode == 0)
            {
                var status = list.Document.EnumerateArray().SingleOrDefault(status => status.GetProperty("sweep").GetString() == sweep);
                last = status.ToString();
                if (status.ValueKind == JsonValueKind.Object && wanted(status))
                    return watch.Elapsed;
            }
            else
            {
                last = list.Error;
            }
        }

        throw new TimeoutException($"after {limit} still not: {what}; last seen: {last}");
    }

    /// <summary>Waits for what the silos' logs tell: sooner than a client could.</summary>
    public static async Task UntilLogged(Func<bool> seen, string what)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var watch = Stopwatch.StartNew(); !seen(); await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException($"after {watch.Elapsed} still not: {what}");
        }
    }

    /// <summary>The ended sweep's document.</summary>
    public async Task<SweepRun> Result(string sweep)
    {
        await using var show = await SparseGridProcess.Run(folder, ["show", sweep, "--json", "--folder", "grid", .. options]);
        Assert.True(show.ExitCode is 0 or 3, $"show ended with {show.ExitCode}\n{show.Error}");
        return new(show.Document);
    }

    /// <summary>Kind and key of the stages that a silo has started to execute.</summary>
    public IReadOnlyList<string> StartedOn(string silo) => [.. File.ReadLines(Path.Combine(Grid, $"{silo}.log")).Select(line => Executed().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];

    /// <summary>The silo that coordinates a sweep, as the logs tell; null where none does yet.</summary>
    public string? CoordinatorOf(string sweep) => Logged()
        .Where(entry => entry.Line.EndsWith($"Sweep {sweep} is coordinated here", StringComparison.Ordinal)).Select(entry => entry.Silo).LastOrDefault();

    /// <summary>What all silos that ever ran here have logged, in order of time.</summary>
    public IReadOnlyList<(string Silo, string Line)> Logged() =>
    [
        .. Directory.EnumerateFiles(Grid, "*.log")
            .SelectMany(log => File.ReadLines(log).Where(line => line.Length > 24 && line[23] == 'Z').Select(line => (Silo: Path.GetFileNameWithoutExtension(log), Line: line)))
            .OrderBy(entry => entry.Line[..24], StringComparer.Ordinal),
    ];

    /// <summary>A number of a silo's /proc/PID/status.</summary>
    public long Status(string name, string field) => silos[name].Status(field);

    /// <summary>A silo's process.</summary>
    public int Pid(string name) => silos[name].Pid;

    /// <summary>State records of a kind, as they are stored: key and JSON.</summary>
    public IReadOnlyList<(string Key, JsonElement State)> Records(string kind)
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Grid, "grid.db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT KeyText, Payload FROM GrainState WHERE GrainType = $kind AND Payload IS NOT NULL";
        command.Parameters.AddWithValue("$kind", kind);
        using var rows = command.ExecuteReader();
        var records = new List<(string, JsonElement)>();
        while (rows.Read())
        {
            using var state = JsonDocument.Parse((byte[])rows["Payload"]);
            records.Add((rows.GetString(0), state.RootElement.Clone()));
        }

        return records;
    }

    /// <summary>Addresses of the silos that the membership table has as active.</summary>
    public IReadOnlyList<string> Living()
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Grid, "grid.db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Address || ':' || Port || '@' || Generation FROM Membership WHERE Status = 3";
        using var rows = command.ExecuteReader();
        var living = new List<string>();
        while (rows.Read())
            living.Add(rows.GetString(0));
        return living;
    }

    /// <summary>Stages that were executed, by all silos that ever ran here, as their logs tell: kind and key.</summary>
    public IReadOnlyList<string> ExecutedStages() =>
    [.. Directory.EnumerateFiles(Grid, "*.log").SelectMany(log => StartedOn(Path.GetFileNameWithoutExtension(log)))];

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos.Values.Concat(ended))
            await silo.DisposeAsync();
    }

    [GeneratedRegex(@"SlotRun: Variant \w+ runs (\w+ \w{64})")]
    private static partial Regex Executed();
}
