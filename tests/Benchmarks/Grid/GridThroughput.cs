using System.Diagnostics;
using System.Globalization;
using SparseGrid.Client;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>
/// What the grid itself costs: sweeps whose stages compute nothing, through real grains, storage and artifact store, on one silo. Client, coordinator, silo and
/// (but for Redis) database are this process, so its processor time is all of theirs.
/// </summary>
internal static class GridThroughput
{
    // So many that what runs often is compiled for good: a sweep of thousands is not over before that either.
    private const int WarmUp = 2000;

    // Some ten a second or fewer: more would take minutes and change nothing.
    private const int MostOptunaOnSqlite = 1000;

    public static async Task Run(int[] counts, string profile, bool everyStage, int slots)
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-throughput-").FullName;
        using var redis = profile == "redis" ? RedisServer.Start(folder) : null;
        try
        {
            var stages = new NoOpStages(new FolderArtifactStore(folder), everyStage);
            var times = new StorageTimes();
            await using var grid = await GridHost.Start(profile, folder, slots, stages, times, redis?.Address);
            await Sweep(grid, NoOpSweeps.Of("warm-up", WarmUp) with { Seed = 1_000_000 });
            Console.WriteLine($"{profile}, {slots} slots, {(everyStage ? "every stage of a trial runs" : "one stage of a trial runs, the others are answered by records")}");
            var seed = 1;
            foreach (var trials in counts)
            {
                var rate = await Measure(grid, NoOpSweeps.Of($"trials-{trials}", trials) with { Seed = seed }, stages, times, redis, folder);
                seed += 100_000;
                Peer(profile, trials, rate, redis?.Address ?? folder);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Peer(string profile, int trials, double rate, string where)
    {
        var storage = profile is "redis" or "memory" ? profile : "sqlite";
        var compared = storage == "sqlite" ? Math.Min(trials, MostOptunaOnSqlite) : trials;
        var optuna = OptunaTrials.Rate(storage, compared, where);
        Say($"    python3-optuna, {storage}, {compared} trials, one worker: {optuna:f0} trials/s, so this is {rate / optuna:g2} times it");
    }

    /// <returns>Trials per second.</returns>
    private static async Task<double> Measure(GridHost grid, SweepSpec spec, NoOpStages stages, StorageTimes times, RedisServer? redis, string folder)
    {
        var client = new SweepClient(grid.Grains);
        times.Clear();
        stages.Again();
        var (executed, stored) = (stages.Executed, Stored(folder));
        var resident = GC.GetTotalMemory(forceFullCollection: true);
        var (cpu, redisCpu) = (Environment.CpuUsage.TotalTime, redis?.ProcessorTime ?? default);
        var began = Stopwatch.GetTimestamp();
        var answer = await client.Submit(spec);
        if (!answer.Accepted)
            throw new InvalidOperationException(answer.Reason);
        var submitted = Stopwatch.GetElapsedTime(began);
        await stages.First.Task;
        var first = Stopwatch.GetElapsedTime(began);
        var status = await Ended(grid, spec.Sweep);
        var wall = Stopwatch.GetElapsedTime(began);
        var (used, redisUsed) = (Environment.CpuUsage.TotalTime - cpu, (redis?.ProcessorTime ?? default) - redisCpu);
        if (status.Finished != status.Trials)
            throw new InvalidOperationException($"{status.Finished} of {status.Trials} trials are finished, {status.Failed} failed.");

        var n = (double)status.Trials;
        var (reads, writes) = (times.Reads.OrderBy(kind => kind.Key).ToArray(), times.Writes.OrderBy(kind => kind.Key).ToArray());
        var held = GC.GetTotalMemory(forceFullCollection: true) - resident;
        var read = Stopwatch.GetTimestamp();
        var rows = await client.Rows(spec.Sweep);
        var rowsTime = Stopwatch.GetElapsedTime(read);
        if (rows.Any(row => row.Result is null))
            throw new InvalidOperationException("A finished row has no result.");
        read = Stopwatch.GetTimestamp();
        await client.Plan(spec);
        var planTime = Stopwatch.GetElapsedTime(read);

        Say($"  {n} trials in {wall.TotalSeconds:f2} s: {n / wall.TotalSeconds:f0} trials/s; {(stages.Executed - executed) / n:f2} stages a trial");
        Say($"    submit answered after {submitted.TotalMilliseconds:f0} ms, first stage after {first.TotalMilliseconds:f0} ms; all rows {rowsTime.TotalMilliseconds:f0} ms, plan {planTime.TotalMilliseconds:f0} ms");
        Say($"    processor {used.TotalMilliseconds / n:f2} ms a trial ({used / wall:p0} of one core){(redis is null ? "" : $", redis-server {redisUsed.TotalMilliseconds / n:f2} ms")}");
        Say($"    stored {(Stored(folder) - stored) / n:f0} bytes a trial, held in memory {held / n:f0} bytes a trial");
        Say($"    reads a trial: {string.Join(", ", reads.Select(kind => $"{kind.Key} {kind.Value / n:f2}"))}");
        Say($"    writes a trial: {string.Join(", ", writes.Select(kind => $"{kind.Key} {kind.Value.Count / n:f2}"))}");
        foreach (var kind in new[] { "stage", "result" })
        {
            if (times.Writes.TryGetValue(kind, out var all))
                Say($"    commit of a {kind}: p50 {At(all, 0.5):f2} ms, p99 {At(all, 0.99):f2} ms");
        }

        return n / wall.TotalSeconds;
    }

    private static async Task Sweep(GridHost grid, SweepSpec spec)
    {
        await new SweepClient(grid.Grains).Submit(spec);
        await Ended(grid, spec.Sweep);
    }

    private static async Task<SweepStatus> Ended(GridHost grid, string sweep)
    {
        var grain = grid.Grains.GetGrain<ISweepGrain>(sweep);
        while (true)
        {
            var status = await grain.Status();
            if (SweepClient.HasEnded(status))
                return status;
            await Task.Delay(20);
        }
    }

    private static double At(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)((sorted.Length - 1) * share)];
    }

    private static long Stored(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
